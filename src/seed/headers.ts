/** HTTP headers that keep the app to itself: what it may load, where it may connect, who may frame it. */
import { createHash } from 'node:crypto';

const ALWAYS = {
	'x-content-type-options': 'nosniff',
	'referrer-policy': 'no-referrer',
	'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
	'cross-origin-opener-policy': 'same-origin'
};

/** `html` is the page the answer carries, or null for everything else. */
export function securityHeaders(html: string | null): Record<string, string> {
	return {
		...ALWAYS,
		'content-security-policy': contentPolicy(html === null ? [] : inlineScripts(html))
	};
}

/**
 * Scripts: our own files and exactly the inline ones of this page (SvelteKit starts itself by one). WebAssembly
 * decodes sound. Workers from blobs: the microphone's stands in a script of ours. Connections: any WebSocket, because
 * seeds are elsewhere. Styles inline: Svelte's transitions.
 */
function contentPolicy(scripts: readonly string[]): string {
	const hashes = scripts.map((code) => `'sha256-${sha256(code)}'`);
	return [
		"default-src 'self'",
		['script-src', "'self'", "'wasm-unsafe-eval'", ...hashes].join(' '),
		"worker-src 'self' blob:",
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' data: blob:",
		"media-src 'self' data: blob:",
		"connect-src 'self' ws: wss:",
		"object-src 'none'",
		"base-uri 'self'",
		"form-action 'self'",
		"frame-ancestors 'none'"
	].join('; ');
}

/** The text of each script that stands in the page itself, exactly as a browser hashes it. */
function inlineScripts(html: string): string[] {
	return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi)].map(
		(match) => match[1] ?? ''
	);
}

function sha256(text: string): string {
	return createHash('sha256').update(text).digest('base64');
}
