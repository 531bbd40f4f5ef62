/** The source and all children of the relay whose throughput is measured. */
import type { DataChannel } from '#lib/io/ports.ts';
import {
	createMouth,
	oneVoice,
	preciseMs,
	sourceKeys,
	stampedOpus,
	stampOf
} from './throughput-packets.ts';
import { openWires, tell, type Order } from './throughput-wires.ts';

const links = 1 + Number(process.argv[2]);
/** Source's turn: so short that a turn's packets come as a trickle and not as a flood. */
const TURN_MS = 4;
const DELAYS_MAX = 100_000;
const FIRST_SEQ = 1_000;

const say = createMouth(oneVoice().stream, FIRST_SEQ, await sourceKeys());
let source: DataChannel | null = null;
let sent = 0;
let received = 0;
let delaysMs: number[] = [];

const signal = openWires(links, true, (link, { audio }) => {
	audio.binaryType = 'arraybuffer';
	if (link === 0) source = audio;
	else audio.onmessage = ({ data }) => hear(data);
});

function hear(data: unknown): void {
	const atMs = data instanceof ArrayBuffer ? stampOf(data) : null;
	if (atMs === null) return;
	received++;
	if (delaysMs.length < DELAYS_MAX) delaysMs.push(preciseMs() - atMs);
}

function send(perSecond: number, forMs: number): void {
	const startMs = preciseMs();
	let done = 0;
	const turn = setInterval(() => {
		const passedMs = Math.min(forMs, preciseMs() - startMs);
		for (; done < (passedMs * perSecond) / 1000; done++) {
			const atMs = preciseMs();
			say(stampedOpus(atMs), atMs, (packet) => source?.send(packet));
			sent++;
		}
		if (passedMs < forMs) return;
		clearInterval(turn);
		tell({ type: 'sent' });
	}, TURN_MS);
}

process.on('message', (order: Order) => {
	switch (order.type) {
		case 'signal':
			return signal(order);
		case 'send':
			return send(order.perSecond, order.forMs);
		case 'reset':
			[sent, received, delaysMs] = [0, 0, []];
			return;
		case 'count':
			return tell({ type: 'counted', counts: { sent, received, delaysMs } });
	}
});
process.on('disconnect', () => {
	process.exit(0);
});
