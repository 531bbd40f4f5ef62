/** Some of the Node listeners of the crowd, in one process: they come one after the other, listen, and tell. */
import { eventually } from '../e2e/drive.ts';
import { joinHeadless, type Headless } from '../e2e/headless.ts';
import { stepsOf } from '../e2e/melody.ts';
import type { CrowdOrder, CrowdReport } from './crowd-processes.ts';

const FANOUT = 4;
const ARRIVALS_MAX = 5;
/** Two steps of the melody are 20 ms apart; what is longer than this between two was missing. */
const STEP_MAX_MS = 45;

const [seedUrl = '', key = ''] = process.argv.slice(2);

interface Listener {
	readonly headless: Headless;
	readonly joinMs: number;
	/** What it had received when counting began. */
	receivedBefore: number;
}

const listeners: Listener[] = [];

/** Gives how many there are: fewer than wanted where they have not come by `untilMs`. */
async function grow(wanted: number, untilMs: number): Promise<number> {
	while (listeners.length < wanted && Date.now() < untilMs) {
		const startMs = Date.now();
		const headless = await arrive(`Node ${listeners.length}`);
		if (await isAttachedBy(headless, untilMs))
			listeners.push({ headless, joinMs: Date.now() - startMs, receivedBefore: 0 });
		else await headless.peer.stop();
	}
	return listeners.length;
}

function isAttachedBy({ peer }: Headless, untilMs: number): Promise<boolean> {
	const attached = eventually(
		'a Node listener is attached',
		() => Promise.resolve(peer.engine.diagnostics()),
		({ depth }) => depth !== null,
		untilMs - Date.now()
	);
	return attached.then(
		() => true,
		() => false
	);
}

async function arrive(name: string, tries = 1): Promise<Headless> {
	try {
		return await joinHeadless(seedUrl, key, name, FANOUT);
	} catch (error) {
		if (tries === ARRIVALS_MAX) throw error;
		return arrive(name, tries + 1);
	}
}

const receivedOf = ({ headless }: Listener): number =>
	headless.peer.engine.diagnostics().speakers.reduce((sum, { received }) => sum + received, 0);

function report(): Promise<CrowdReport[]> {
	// What all of them have is taken at once: decoding one holds up the others.
	return Promise.all(listeners.map(reportOf));
}

async function reportOf(listener: Listener): Promise<CrowdReport> {
	const { speakers, depth, children, bytes, repair } = listener.headless.peer.engine.diagnostics();
	const frames = receivedOf(listener) - listener.receivedBefore;
	const sound = await listener.headless.lastSound();
	const steps = stepsOf(sound).slice(1, -1);
	return {
		joinMs: listener.joinMs,
		depth,
		children: children.length,
		frames,
		seconds: sound.length / 48_000,
		steps: steps.length,
		missed: steps.filter(({ ms }) => ms > STEP_MAX_MS).length,
		received: speakers.reduce((sum, { received }) => sum + received, 0),
		duplicates: speakers.reduce((sum, { duplicate }) => sum + duplicate, 0),
		standIns: repair.leasesAsked,
		bytesUp: bytes.up
	};
}

async function obey(order: CrowdOrder): Promise<unknown> {
	switch (order.type) {
		case 'grow':
			return grow(order.wanted, order.untilMs);
		case 'count':
			for (const listener of listeners) listener.receivedBefore = receivedOf(listener);
			return null;
		case 'report':
			return report();
	}
}

process.on('message', (order: CrowdOrder) => {
	obey(order).then(
		(answer) => process.send?.({ answer: answer ?? null }),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		}
	);
});
process.on('disconnect', () => {
	// Nobody is left who would want a goodbye.
	process.exit(0);
});
