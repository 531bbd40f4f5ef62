/**
 * Mends three races in @libp2p/webrtc 6.0.33. Run by `postinstall`; safe to run twice.
 * 1. The dialler waits for the `init` channel to open or close without asking whether it already has, and the
 *    dial dies.
 * 2. A connection that failed while candidates were read is waited for until the dial's time is up.
 * 3. In Node, a handshake that is done before the other side has wholly applied the answer is refused as forged:
 *    the answer gets a head start. (2 and 3 together: 1 of 7 dials among Node peers, 10 s each.) Gossip
 *    waits for no such connection, and who fetches a recording waits once: it may be long enough for a busy machine. Of
 *    24 rooms of nine, four at once on two cores, a head start of 25 ms let 69 calls fail, and this one 4.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HEAD_START_MS = 250;

const patches = {
	'initiate-connection.js': [
		[
			"await pEvent(channel, 'open', {\n                signal\n            });",
			"if (channel.readyState === 'connecting') await pEvent(channel, ['open', 'close'], { signal });"
		],
		[
			"await pEvent(channel, 'close', {\n            signal\n        });",
			"if (channel.readyState !== 'closed') await pEvent(channel, 'close', { signal });"
		]
	],
	'util.js': [
		[
			"if (options.signal?.aborted === true && pc.connectionState !== 'connected') {",
			"if ((options.signal?.aborted === true && pc.connectionState !== 'connected') || ['failed', 'closed'].includes(pc.connectionState)) {"
		]
	],
	'signaling-stream-handler.js': [
		[
			// With or without another head start.
			/signal\n {8}\}\);\n(?: {8}await new Promise.*\n)? {8}await peerConnection\.setLocalDescription\(answer\)/,
			`signal\n        });\n        await new Promise((resolve) => setTimeout(resolve, ${HEAD_START_MS}));\n        await peerConnection.setLocalDescription(answer)`
		]
	]
};

const folder = new URL(
	'../node_modules/@libp2p/webrtc/dist/src/private-to-private/',
	import.meta.url
);
for (const [name, swaps] of Object.entries(patches)) {
	const file = fileURLToPath(new URL(name, folder));
	if (existsSync(file)) patch(file, readFileSync(file, 'utf8'), swaps);
}

function patch(file, before, swaps) {
	if (swaps.every(([, mended]) => before.includes(mended))) return;
	let code = before;
	for (const [broken, mended] of swaps) {
		if (code.split(broken).length !== 2) {
			throw new Error('@libp2p/webrtc has changed: check whether its races are mended.');
		}
		code = code.replace(broken, mended);
	}
	writeFileSync(file, code);
}
