import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { CONTROL_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { createUdpLine, type LineEnd, type UdpLine } from '../lib/udp-line.ts';
import { PACKET_BYTES, type FromLinkEnd } from './link-end-words.ts';

const PROGRAM = fileURLToPath(new URL('./link-end.ts', import.meta.url));
/** 3 s, in which 165 kB are said. */
const OUTAGE_PACKETS = 150;
/** What SCTP has taken over, what may wait before it, and the packet that went over that. */
const KEPT_BYTES_MAX = CONTROL_BYTES_MAX + 4 * 1024 + PACKET_BYTES;
const KEPT_PACKETS_MAX = Math.floor(KEPT_BYTES_MAX / PACKET_BYTES);
/** The first of an outage are sent and lost, until the congestion window is full: 10 to 20 of them. */
const LOST_PACKETS_MAX = 40;

const closers: (() => void)[] = [];
afterEach(() => {
	for (const close of closers.splice(0)) close();
});

/** Two processes, linked over a line that can be cut. */
async function setup() {
	const line = await createUdpLine();
	closers.push(() => line.close());
	const ends = { left: launch('speaks'), right: launch('listens') };
	const said: { seq: number; unsent: number }[] = [];
	const heard: number[] = [];
	const watchers = new Set<() => void>();
	const hearFrom = (end: LineEnd, message: FromLinkEnd): void => {
		if (message.type === 'signal') introduce(line, end, message, ends);
		if (message.type === 'said') said.push(message);
		if (message.type === 'heard') heard.push(message.seq);
		for (const look of watchers) look();
	};
	for (const end of ['left', 'right'] as const)
		ends[end].on('message', (message: FromLinkEnd) => hearFrom(end, message));
	const until = (isSo: () => boolean): Promise<void> =>
		new Promise((resolve, reject) => {
			const look = (): void => {
				if (!isSo()) return;
				watchers.delete(look);
				resolve();
			};
			for (const end of Object.values(ends))
				end.once('exit', () => reject(new Error('An end of the link is gone.')));
			watchers.add(look);
			look();
		});
	return { line, said, heard, until };
}

function introduce(
	line: UdpLine,
	from: LineEnd,
	{ signal }: Extract<FromLinkEnd, { type: 'signal' }>,
	ends: Record<LineEnd, ChildProcess>
): void {
	const disguised = line.passOn(from, signal);
	if (disguised !== null) ends[from === 'left' ? 'right' : 'left'].send(disguised);
}

function launch(word: string): ChildProcess {
	const child = spawn(process.execPath, [PROGRAM, word], {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc']
	});
	closers.push(() => child.kill('SIGKILL'));
	return child;
}

describe('a link of a Node peer, after an outage,', () => {
	it('sends little of what was said in it, counts the rest, and goes on with what is new', async () => {
		const { line, said, heard, until } = await setup();
		await until(() => heard.length > 0);
		line.cut();
		const first = said.length;
		await until(() => said.length === first + OUTAGE_PACKETS);
		line.mend();
		const next = said.length;
		const before = heard.length;
		await until(() => heard.some((seq) => seq >= next));
		const late = heard.slice(before).filter((seq) => seq < next);
		expect(late.length).toBeLessThanOrEqual(KEPT_PACKETS_MAX);
		const unsent = (said[next - 1]?.unsent ?? 0) - (said[first - 1]?.unsent ?? 0);
		expect(unsent).toBeGreaterThanOrEqual(OUTAGE_PACKETS - KEPT_PACKETS_MAX - LOST_PACKETS_MAX);
	});
});
