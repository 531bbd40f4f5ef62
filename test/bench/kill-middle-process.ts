/** The program behind `comeAsProcess`: one relay, which tells its id once it is attached. */
import { joinTimed } from './kill-listener.ts';

const [seedUrl = '', key = '', fanout = '0'] = process.argv.slice(2);
const peer = await joinTimed(seedUrl, key, Number(fanout));
process.send?.(peer.peer);
process.on('disconnect', () => {
	process.exit(0);
});
