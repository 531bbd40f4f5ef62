/** What the network can look like from one peer, by name: looked at in the pictures, read in the tests. */
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';
import type { LinkReport, NetworkReport, SpeakerReport } from '#lib/app/state/network-report.ts';
import type { SessionState } from '#lib/app/session.ts';
import type { PeerId, StreamId } from '#lib/p2p/wire/ids.ts';
import { fakeListener, fakePeer, fakeSeat, fakeState } from './fake-session.ts';
import { ROOM_SCENES } from './room-scenes.ts';

export interface NetworkScene {
	readonly state: SessionState;
	/** Null before the engine said anything. */
	readonly network: NetworkReport | null;
}

export function fakeLink(name: string, ...relation: LinkReport['relation']): LinkReport {
	return {
		peer: fakePeer(name),
		relation,
		open: true,
		rttMs: 20 + 7 * name.length,
		lossShare: null
	};
}

export function fakeSpeakerReport(name: string, more: Partial<SpeakerReport> = {}): SpeakerReport {
	return {
		peer: fakePeer(name),
		name,
		stream: name.toLowerCase().padEnd(16, '0').slice(0, 16) as StreamId,
		muted: false,
		from: {},
		played: 3_990,
		concealed: 10,
		mouthToEarMs: 118.4,
		...more
	};
}

/** A listener without a way in, unless `more` says otherwise. */
export function fakeReport(more: Partial<NetworkReport> = {}): NetworkReport {
	return {
		me: fakePeer('Me'),
		role: 'listener',
		parent: null,
		children: [],
		mesh: [],
		path: [],
		links: [],
		speakers: [],
		bytes: { up: 0, down: 0, packetsUp: 0, packetsDown: 0 },
		drops: { malformed: 0, forged: 0, uninvited: 0 },
		engine: { unsent: 0, sentBytes: 0, errors: [] },
		blamed: [],
		proofs: { good: 0, bad: 0, unproven: 0 },
		repair: { gaps: 0, repaired: 0, lost: 0, framesServed: 0 },
		...more
	};
}

/** The panel reads no more of it than this. */
export function asDiagnostics(report: NetworkReport): EngineDiagnostics {
	return report as unknown as EngineDiagnostics;
}

const peers = (...names: readonly string[]): PeerId[] => names.map(fakePeer);

const flow = { up: 41_260_000, down: 8_340_000, packetsUp: 120_000, packetsDown: 40_000 };
const engine = { unsent: 0, sentBytes: flow.up, errors: [] };

function listening(): NetworkScene {
	const state = ROOM_SCENES.listening();
	const listeners = ['Kaja', 'Luca', 'Noor', 'Oskar', 'Priya', 'Quentin', 'Rosa'].map((name) =>
		fakeListener(name)
	);
	return {
		state: { ...state, view: { ...state.view, listeners, listenerCount: 34 } },
		network: fakeReport({
			parent: fakePeer('Noor'),
			path: peers('Chidi', 'Kaja', 'Noor', 'Me'),
			children: peers('Priya', 'Quentin', 'Nameless'),
			links: [
				{ ...fakeLink('Priya', 'child'), lossShare: 0.004 },
				fakeLink('Noor', 'parent'),
				{ ...fakeLink('Quentin', 'child'), lossShare: 0.031 },
				fakeLink('Nameless', 'child'),
				fakeLink('Luca', 'backup'),
				fakeLink('Dorothea', 'backup'),
				fakeLink('Rosa', 'backup-child')
			],
			speakers: [
				fakeSpeakerReport('Ana'),
				fakeSpeakerReport('Béla', { muted: true, played: 0, concealed: 0, mouthToEarMs: null }),
				fakeSpeakerReport('Chidi', { mouthToEarMs: 96 }),
				fakeSpeakerReport('Dorothea', { mouthToEarMs: 131.2 })
			],
			bytes: flow,
			engine,
			repair: { gaps: 31, repaired: 30, lost: 1, framesServed: 12 },
			proofs: { good: 5_204, bad: 0, unproven: 2 }
		})
	};
}

function troubled(): NetworkScene {
	const { state, network } = listening();
	const base = network ?? fakeReport();
	const stage = state.view.stage.map((seat, i) => ({ ...seat, reachable: i !== 1 }));
	return {
		state: {
			...state,
			giving: { children: 1, reason: 'uplink' },
			view: { ...state.view, stage }
		},
		network: {
			...base,
			drops: { ...base.drops, malformed: 3, forged: 1, uninvited: 41, stranger: 1 },
			engine: { ...base.engine, unsent: 12, errors: ['The disk is full.'] },
			blamed: [
				{ peer: fakePeer('Oskar'), reason: 'forged', atMs: 2, count: 1 },
				{ peer: fakePeer('Nobody'), reason: 'silent', atMs: 1, count: 3 }
			],
			proofs: { good: 5_204, bad: 7, unproven: 2 }
		}
	};
}

/** A long way down, a full stage above, a crowd below. */
function crowded(): NetworkScene {
	const { state } = listening();
	const names = ['Ana', 'Béla', 'Chidi', 'Dorothea', 'Emre', 'Fatou', 'Guðrún', 'Hiroshi', 'Inés'];
	const between = Array.from({ length: 7 }, (_, i) => `Relay ${i + 1}`);
	const children = Array.from({ length: 14 }, (_, i) => `Child ${i + 1}`);
	return {
		state: {
			...state,
			view: {
				...state.view,
				stage: names.map((name, i) => fakeSeat(name, { role: i === 0 ? 'host' : 'speaker' })),
				listeners: [...between, ...children, 'Maximiliane von Hohenfels-Strauß'].map((name) =>
					fakeListener(name)
				),
				listenerCount: 1_204
			}
		},
		network: fakeReport({
			parent: fakePeer('Relay 7'),
			path: peers('Emre', ...between, 'Me'),
			children: children.map(fakePeer),
			links: [
				fakeLink('Relay 7', 'parent'),
				fakeLink('Maximiliane von Hohenfels-Strauß', 'backup'),
				fakeLink('Stranger', 'backup'),
				...children.map((name) => fakeLink(name, 'child'))
			],
			speakers: names.map((name, i) =>
				fakeSpeakerReport(name, { mouthToEarMs: 140 + i, muted: i > 2 })
			),
			bytes: flow,
			engine
		})
	};
}

function speaking(): NetworkScene {
	const state = ROOM_SCENES['on-stage-muted']();
	const stage = [...state.view.stage, fakeSeat('Chidi'), fakeSeat('Dorothea')];
	return {
		state: { ...state, view: { ...state.view, stage } },
		network: fakeReport({
			role: 'speaker',
			path: peers('Me'),
			mesh: peers('Ana', 'Béla', 'Chidi'),
			children: peers('Kaja', 'Luca'),
			links: [
				fakeLink('Ana', 'mesh'),
				fakeLink('Béla', 'mesh'),
				fakeLink('Chidi', 'mesh'),
				fakeLink('Dorothea'),
				fakeLink('Kaja', 'child'),
				fakeLink('Luca', 'child')
			],
			speakers: ['Ana', 'Béla', 'Chidi', 'Dorothea'].map((name) =>
				// Between Dorothea and us there is no link, and Ana passes her on.
				fakeSpeakerReport(name, {
					from: { [fakePeer(name === 'Dorothea' ? 'Ana' : name)]: 3_990 }
				})
			),
			bytes: flow,
			engine
		})
	};
}

export const NETWORK_SCENES = {
	'network-listening': listening,
	'network-troubled': troubled,
	'network-crowded': crowded,
	'network-speaking': speaking,
	'network-lost': () => ({
		state: { ...ROOM_SCENES.reconnecting(), giving: { children: 0, reason: 'metered' } },
		network: fakeReport({
			bytes: flow,
			engine,
			speakers: ['Ana', 'Béla', 'Chidi', 'Dorothea'].map((name) => fakeSpeakerReport(name))
		})
	}),
	'network-waiting': () => ({ state: fakeState(), network: null })
} satisfies Record<string, () => NetworkScene>;

export type NetworkSceneName = keyof typeof NETWORK_SCENES;
