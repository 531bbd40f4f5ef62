/** What the network panel says of the time a voice takes, where only a part of its way is known. */
import { describe, expect, it } from 'vitest';
import { networkFacts, type SpeakerFacts } from '#lib/app/state/network-facts.ts';
import type { NetworkReport, SpeakerReport } from '#lib/app/state/network-report.ts';
import { delayHintWords, delayWords, speakerNoteWords } from '#lib/ui/network/words.ts';
import { fakePeer, fakeSeat, fakeView } from '../lib/fake-session.ts';
import { fakeLink, fakeReport, fakeSpeakerReport } from '../lib/network-scenes.ts';

const view = fakeView({ stage: [fakeSeat('Ana', { role: 'host' }), fakeSeat('Ben')] });

const factsOf = (report: NetworkReport, before: NetworkReport = report) => {
	const earlier = { report: before, atMs: 0 };
	return networkFacts({ view, now: { report, atMs: 10_000 }, earlier, recent: earlier });
};

const said = (name: string, frames: Record<string, number>): SpeakerReport =>
	fakeSpeakerReport(name, {
		mouthToEarMs: 100,
		from: Object.fromEntries(Object.entries(frames).map(([by, n]) => [fakePeer(by), n]))
	});

/** Below Kaja, whose way begins at Ana. */
const listener = fakeReport({
	parent: fakePeer('Kaja'),
	path: ['Ana', 'Kaja', 'Me'].map(fakePeer),
	links: [fakeLink('Kaja', 'parent')],
	speakers: [said('Ana', { Kaja: 500 }), said('Ben', { Kaja: 500 })]
});

const rtt = (
	name: string,
	rttMs: number | null,
	...relation: Parameters<typeof fakeLink>[1][]
) => ({
	...fakeLink(name, ...relation),
	rttMs
});

/** On stage with Ana and Ben, linked with Ana alone. */
const speaker = fakeReport({
	role: 'speaker',
	path: [fakePeer('Me')],
	mesh: [fakePeer('Ana')],
	links: [rtt('Ana', 60, 'mesh')],
	speakers: [said('Ana', { Ana: 500 }), said('Ben', { Ana: 500 })]
});
const before = { ...speaker, speakers: [said('Ana', { Ana: 0 }), said('Ben', { Ana: 0 })] };

const ben = ({ speakers }: { readonly speakers: readonly SpeakerFacts[] }) => speakers[1]!;

describe('the delay of a voice, to a listener', () => {
	it('is whole where our way begins at its speaker', () => {
		expect(factsOf(listener).speakers[0]?.delay).toEqual({ ms: 100, isPart: false });
	});

	it('is a part for every other, whose way to the head of ours nobody tells us', () => {
		expect(ben(factsOf(listener)).delay).toEqual({ ms: 100, isPart: true });
	});

	it('is a part while our own last link is not measured', () => {
		const links = [rtt('Kaja', null, 'parent')];
		expect(factsOf({ ...listener, links }).speakers[0]?.delay?.isPart).toBe(true);
	});

	it('is not told where we have no way to the sound', () => {
		expect(factsOf({ ...listener, path: [], links: [] }).delay).toBeNull();
	});

	it('is a part for all of them together where it is for one', () => {
		expect(factsOf(listener).delay).toEqual({ ms: 100, isPart: true });
		const speakers = listener.speakers.slice(0, 1);
		expect(factsOf({ ...listener, speakers }).delay).toEqual({ ms: 100, isPart: false });
	});
});

describe('the delay of a voice, on stage', () => {
	it('is whole over a link of our own', () => {
		const [ana] = factsOf(speaker, before).speakers;
		expect(ana).toMatchObject({ hops: 1, through: null, delay: { ms: 100, isPart: false } });
	});

	it('counts the link to whoever passes on a voice that no link of its own brings', () => {
		expect(ben(factsOf(speaker, before))).toMatchObject({
			hops: null,
			through: { name: 'Ana' },
			delay: { ms: 130, isPart: true }
		});
	});

	it('does so where there is a link that has fallen silent, and does not count that one', () => {
		const links = [...speaker.links, rtt('Ben', 200, 'mesh')];
		const silent = { ...speaker, mesh: ['Ana', 'Ben'].map(fakePeer), links };
		expect(ben(factsOf(silent, before)).delay).toEqual({ ms: 30, isPart: true });
	});

	it('is not told where a voice without a link has not come lately', () => {
		expect(ben(factsOf(speaker)).delay).toBeNull();
	});
});

describe('the words for it', () => {
	it('say "over" where a part of the way is not measured, and the hint says so', () => {
		expect(delayWords({ ms: 100, isPart: false })).toBe('100 ms');
		expect(delayWords({ ms: 100, isPart: true })).toBe('over 100 ms');
		expect(delayWords(null)).toBe('–');
		expect(delayHintWords({ ms: 100, isPart: false })).not.toMatch(/measured/);
		expect(delayHintWords({ ms: 100, isPart: true })).toMatch(/not measured/);
	});

	it('name whoever passes the voice on', () => {
		expect(speakerNoteWords(ben(factsOf(speaker, before)))).toBe('through Ana');
		expect(speakerNoteWords(ben(factsOf(listener)))).toBe('');
	});
});
