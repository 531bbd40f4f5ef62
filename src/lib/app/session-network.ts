/** A session gets its network, and what the person changes meanwhile is told to the engine. */
import { browserSimplePeer } from '#lib/io/link/browser-simple-peer.ts';
import { handOver } from '#lib/io/link/hand-over.ts';
import { createLinks } from '#lib/io/link/simple-peer-links.ts';
import { createKeys } from '#lib/io/keys/keys.ts';
import type { Keys } from '#lib/io/ports.ts';
import { createRoomNetwork } from './engine/room-network.ts';
import { changed, forgetSoundNews, wish, type SessionRun } from './session-run.ts';
import { microphoneWish } from './sound/sound-desk.ts';

/** The engine runs: give it a network. */
export function connect(run: SessionRun): void {
	const { host, node, options, clock, giving, keySeed, people, quiet } = run.parts;
	const { iceServers, relayOnly } = run.parts;
	const network = createRoomNetwork({
		me: options.me,
		room: options.room,
		keys: keysOf(keySeed),
		clock,
		gossip: node.gossip,
		directory: node.directory,
		calls: node.signalling,
		mayCall: (peer) => node.mayCall(peer),
		links: (signalling, onEvent) =>
			createLinks({
				me: options.me,
				signalling,
				simplePeer: browserSimplePeer,
				iceServers,
				relayOnly,
				clock,
				onEvent
			}),
		onNews: (news) => {
			host.post({ type: 'news', news });
		},
		onChannels: (peer, channels) => {
			handOver(host.worker, peer, channels);
		}
	});
	run.network = network;
	for (const order of run.early) network.carry(order);
	run.early = [];
	// What changed while the engine was starting was not heard there.
	const { children } = giving.giving;
	if (children !== options.fanout) wish(run, { type: 'fanout', children });
	const tellAddress = (): void => {
		host.post({ type: 'news', news: { type: 'address', addrs: node.contact().addrs } });
		changed(run);
	};
	const tellQuiet = (): void => {
		host.post({ type: 'mute-for-me', peers: quiet.people.map(({ peer }) => peer) });
		changed(run);
	};
	run.stopQuiet = quiet.onChange(tellQuiet);
	tellQuiet();
	run.stopSeeds = node.seeds.onChange(tellAddress);
	const tellFollows = (): void => {
		const peers = people.list.map(({ peer }) => peer);
		host.post({ type: 'news', news: { type: 'follows', peers } });
		changed(run);
	};
	run.stopPeople = people.onChange(tellFollows);
	tellFollows();
	run.stopSound = followSound(run);
	host.onSpeakerChange(() => {
		changed(run);
	});
	tellAddress();
}

/** The page's own copy of the keys, which nothing here has to wait for. */
function keysOf(keySeed: Uint8Array): Pick<Keys, 'sign' | 'verify'> {
	const made = createKeys(keySeed);
	return {
		sign: async (message) => (await made).sign(message),
		verify: async (...what) => (await made).verify(...what)
	};
}

/** What the person chooses of the microphone holds for the one that is open as well. */
function followSound(run: SessionRun): () => void {
	const { sound } = run.parts;
	const wished = (): string => JSON.stringify(microphoneWish(sound.choice));
	let told = wished();
	const tellEars = (): void => {
		const volumes = sound.volumes.list.map(({ peer, gain }) => [peer, gain] as const);
		run.parts.host.post({ type: 'ears', volumes, placed: sound.choice.placed });
	};
	tellEars();
	followSpeaker(run);
	const stops = [
		sound.volumes.onChange(tellEars),
		sound.onChange(tellEars),
		sound.onChange(() => {
			followSpeaker(run);
			changed(run);
			if (wished() === told) return;
			told = wished();
			// Of the one before: told anew where it is still so.
			forgetSoundNews(run, 'microphone-instead');
			run.desk.renew().then(
				(outcome) => {
					run.problem = outcome === true ? null : outcome;
					changed(run);
				},
				(error: unknown) => console.warn(error)
			);
		})
	];
	return () => {
		for (const stop of stops) stop();
	};
}

/** A loudspeaker that is not there may have been missed before the room was entered, and may be there again. */
function followSpeaker(run: SessionRun): void {
	const { news } = run.parts.sound;
	if (news === null) forgetSoundNews(run, 'speaker-instead');
	else if (news !== run.speakerNews) run.soundNews = news;
	run.speakerNews = news;
}
