/** The program behind `startChildren`: told a number, it has as many listeners in the room, and says so. */
import { joinCounting, type CountingPeer } from './counting-peer.ts';

const [seedUrl = '', key = ''] = process.argv.slice(2);
const peers: CountingPeer[] = [];

process.on('message', (wanted: number) => {
	grow(wanted).then(
		() => process.send?.(wanted),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		}
	);
});

process.on('disconnect', () => {
	void Promise.all(peers.map((peer) => peer.stop())).finally(() => process.exit(0));
});

async function grow(wanted: number): Promise<void> {
	while (peers.length < wanted) peers.push(await joinCounting(seedUrl, key, 0));
}
