import type { PeerNode } from '#lib/io/net/peer-node.ts';

/** Resolves when `count` seeds know the peer. */
export async function reachSeeds(node: PeerNode, count: number): Promise<void> {
	if (node.seeds.reached() === count) return;
	await new Promise<void>((resolve) => {
		const done = node.seeds.onChange((reached) => {
			if (reached !== count) return;
			done();
			resolve();
		});
	});
}
