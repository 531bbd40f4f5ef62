/**
 * Mends a race in @libp2p/webrtc 6.0.33: the dialler waits for the `init` channel to open or close
 * without asking whether it already has, and the dial dies. Run by `postinstall`; safe to run twice.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(
	new URL(
		'../node_modules/@libp2p/webrtc/dist/src/private-to-private/initiate-connection.js',
		import.meta.url
	)
);
const swaps = [
	[
		"await pEvent(channel, 'open', {\n                signal\n            });",
		"if (channel.readyState === 'connecting') await pEvent(channel, ['open', 'close'], { signal });"
	],
	[
		"await pEvent(channel, 'close', {\n            signal\n        });",
		"if (channel.readyState !== 'closed') await pEvent(channel, 'close', { signal });"
	]
];

if (existsSync(file)) patch(readFileSync(file, 'utf8'));

function patch(before) {
	if (swaps.every(([, mended]) => before.includes(mended))) return;
	let code = before;
	for (const [broken, mended] of swaps) {
		if (code.split(broken).length !== 2) {
			throw new Error('@libp2p/webrtc has changed: check whether the init channel race is mended.');
		}
		code = code.replace(broken, mended);
	}
	writeFileSync(file, code);
}
