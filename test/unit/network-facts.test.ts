/** What the network panel says, from what the engine reports. */
import { describe, expect, it } from 'vitest';
import { networkFacts, type NetworkFacts, type Sample } from '#lib/app/state/network-facts.ts';
import type { NetworkReport } from '#lib/app/state/network-report.ts';
import { fakeListener, fakePeer, fakeSeat, fakeView } from '../lib/fake-session.ts';
import { fakeLink, fakeReport, fakeSpeakerReport, NETWORK_SCENES } from '../lib/network-scenes.ts';

const view = fakeView({
	stage: [fakeSeat('Ana', { role: 'host' }), fakeSeat('Béla')],
	listeners: [fakeListener('Me', { me: true }), fakeListener('Kaja')]
});

function factsOf(report: NetworkReport, before: NetworkReport = report): NetworkFacts {
	const earlier: Sample = { report: before, atMs: 0 };
	return networkFacts({ view, now: { report, atMs: 10_000 }, earlier, recent: earlier });
}

const listener = fakeReport({
	parent: fakePeer('Kaja'),
	path: ['Ana', 'Kaja', 'Me'].map(fakePeer),
	speakers: [fakeSpeakerReport('Ana'), fakeSpeakerReport('Béla')]
});

describe('the facts of the network', () => {
	it('name people by stage and audience, and leave others without a name', () => {
		const { web } = factsOf({ ...listener, children: [fakePeer('Stranger')] });
		expect(web.path.map(({ name }) => name)).toEqual(['Ana', 'Kaja', 'Me']);
		expect(web.path.map(({ me }) => me)).toEqual([false, false, true]);
		expect(web.children).toEqual([{ peer: fakePeer('Stranger'), name: '', me: false }]);
	});

	it('count the steps to the speaker we hang from, and one more to every other', () => {
		expect(factsOf(listener).speakers.map(({ hops }) => hops)).toEqual([2, 3]);
	});

	it('count one step between speakers that are linked, and none where there is no way', () => {
		const speaker = fakeReport({
			role: 'speaker',
			path: [fakePeer('Me')],
			mesh: [fakePeer('Ana')],
			speakers: listener.speakers
		});
		expect(factsOf(speaker).speakers.map(({ hops }) => hops)).toEqual([1, null]);
		expect(factsOf({ ...listener, path: [] }).speakers.map(({ hops }) => hops)).toEqual([
			null,
			null
		]);
	});

	it('give rates over the time between two reports, and never below nothing', () => {
		const bytes = { up: 50_000, down: 10_000, packetsUp: 0, packetsDown: 0 };
		const engine = { unsent: 0, sentBytes: 50_000, errors: [] };
		const later = { ...listener, bytes, engine };
		expect(factsOf(later, listener).sent).toEqual({ kbitPerSecond: 40, totalBytes: 50_000 });
		expect(factsOf(later, listener).received.kbitPerSecond).toBe(8);
		expect(factsOf(listener, later).sent.kbitPerSecond).toBe(0);
	});

	it('do not count as sent what had to be dropped', () => {
		const bytes = { up: 50_000, down: 0, packetsUp: 500, packetsDown: 0 };
		const engine = { unsent: 400, sentBytes: 10_000, errors: [] };
		const { sent } = factsOf({ ...listener, bytes, engine }, listener);
		expect(sent).toEqual({ kbitPerSecond: 8, totalBytes: 10_000 });
	});

	it('give the share of sound that had to be made up lately, of the worst speaker', () => {
		const at = (played: number, concealed: number): NetworkReport => ({
			...listener,
			speakers: [
				fakeSpeakerReport('Ana', { played, concealed }),
				fakeSpeakerReport('Béla', { played: 5, concealed: 0, mouthToEarMs: 240 })
			]
		});
		const { speakers, lostShare, delay } = factsOf(at(1_475, 125), at(1_000, 100));
		expect(speakers.map((speaker) => speaker.lostShare)).toEqual([0.05, null]);
		expect([lostShare, delay?.ms]).toEqual([0.05, 240]);
	});

	it('count from nothing where a speaker was not there before', () => {
		const now = { ...listener, speakers: [fakeSpeakerReport('Ana', { played: 99, concealed: 1 })] };
		expect(factsOf(now, fakeReport()).lostShare).toBe(0.01);
	});

	it('list neighbours by what they are for us, those of no use last', () => {
		const links = [
			fakeLink('Old'),
			fakeLink('C', 'child'),
			fakeLink('B', 'backup'),
			{ ...fakeLink('Both', 'backup-child', 'backup'), open: false },
			fakeLink('P', 'parent')
		];
		const { neighbours } = factsOf({ ...listener, links });
		expect(neighbours.map(({ relations }) => relations)).toEqual([
			['parent'],
			['backup'],
			['backup', 'backup-child'],
			['child'],
			[]
		]);
		expect(neighbours[2]).toMatchObject({ rttMs: null, lossShare: null });
	});

	it('know by their links who stands by for us, and for whom we do', () => {
		const links = [fakeLink('B', 'backup'), fakeLink('C', 'backup-child'), fakeLink('K', 'child')];
		const { web } = factsOf({ ...listener, links });
		expect(web.backups.map(({ peer }) => peer)).toEqual([fakePeer('B')]);
		expect(web.backupChildren.map(({ peer }) => peer)).toEqual([fakePeer('C')]);
	});

	it('keep a root on stage that has just left it, for as long as our way comes from there', () => {
		const path = ['Gone', 'Kaja', 'Me'].map(fakePeer);
		const { web } = factsOf({ ...listener, path });
		expect(web.stage.map(({ peer }) => peer)).toEqual(['Ana', 'Béla', 'Gone'].map(fakePeer));
	});
});

describe('the problems of the network', () => {
	it('are none where all is well', () => {
		expect(factsOf(listener).problems).toEqual([]);
	});

	it('are told, the worst first', () => {
		const { state, network } = NETWORK_SCENES['network-troubled']();
		const before = { ...network!, engine: { ...network!.engine, unsent: 4 } };
		const { problems } = networkFacts({
			view: state.view,
			now: { report: network!, atMs: 9_000 },
			earlier: { report: before, atMs: 0 },
			recent: { report: before, atMs: 6_000 }
		});
		expect(problems.map((problem) => ({ ...problem, person: undefined }))).toEqual([
			{ type: 'unreachable' },
			{ type: 'blamed', reason: 'forged', count: 1 },
			{ type: 'blamed', reason: 'silent', count: 3 },
			{ type: 'unsent', count: 8 },
			{ type: 'bad-proofs', count: 7 },
			{ type: 'error', what: 'The disk is full.' },
			{ type: 'dropped', reason: 'forged', count: 1 },
			{ type: 'dropped', reason: 'malformed', count: 3 },
			{ type: 'dropped', reason: 'ignored', count: 42 }
		]);
	});

	it('begin with having no way to the sound, which nobody on stage needs', () => {
		expect(factsOf({ ...listener, path: [] }).problems).toEqual([{ type: 'no-way' }]);
		expect(factsOf({ ...listener, path: [], role: 'host' }).problems).toEqual([]);
	});

	it('name the speaker whose sound gets lost, from one in a hundred on', () => {
		const at = (played: number, concealed: number): NetworkReport => ({
			...listener,
			speakers: [fakeSpeakerReport('Ana', { played, concealed })]
		});
		expect(factsOf(at(995, 5), at(0, 0)).problems).toEqual([]);
		expect(factsOf(at(990, 10), at(0, 0)).problems).toMatchObject([
			{ type: 'concealed', person: { name: 'Ana' }, share: 0.01 }
		]);
	});
});
