/** What somebody wrote, cut into words and web addresses. Words stay words: nothing in them is ever markup. */
import { LINK_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanLink } from '#lib/p2p/wire/text.ts';

export type TextPiece =
	| { readonly type: 'words'; readonly text: string }
	/** `shown` says where `href` leads: its host is written as the network reads it, so that no letter looks like another. */
	| { readonly type: 'link'; readonly href: string; readonly shown: string };

const ADDRESS = /https?:\/\/[^\s<>"']+/giu;
/** Behind an address these belong to the sentence. */
const TRAILING = /[).,;:!?\]}…]+$/u;

export function piecesOf(text: string): TextPiece[] {
	const pieces: TextPiece[] = [];
	let end = 0;
	const words = (to: number): void => {
		if (to > end) pieces.push({ type: 'words', text: text.slice(end, to) });
	};
	for (const match of text.matchAll(ADDRESS)) {
		const address = match[0].replace(TRAILING, '');
		const link = linkOf(address);
		if (link === null) continue;
		words(match.index);
		pieces.push(link);
		end = match.index + address.length;
	}
	words(text.length);
	return pieces;
}

function linkOf(address: string): TextPiece | null {
	const href = cleanLink(
		address.replace(/^https?/i, (scheme) => scheme.toLowerCase()),
		LINK_BYTES_MAX
	);
	if (href === '' || !URL.canParse(href)) return null;
	const url = new URL(href);
	// A name before the host is there to be taken for it.
	if (url.username !== '' || url.password !== '') return null;
	const rest = `${url.pathname}${url.search}${url.hash}`;
	return { type: 'link', href: url.href, shown: rest === '/' ? url.host : `${url.host}${rest}` };
}
