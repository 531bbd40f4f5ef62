/**
 * What most people would write: microphone to simple-peer, remote track to an audio element, and to pass a
 * voice on, the received track added to the next connection. Runs in the page and must stand by itself.
 */
import type SimplePeer from 'simple-peer';
import type { Tap } from './tap.ts';

export interface Plain {
	/** Pages call each other by this name. Resolves when others can reach it. */
	enter(name: string): Promise<void>;
	/** Opens the microphone: who asks for sound gets its track. */
	speak(): Promise<void>;
	/** Asks `whom` for sound; resolves when it is played. Who asks us from now on gets it from us. */
	hear(whom: string): Promise<void>;
	/** As `hear`, without playing it: a child that only counts. */
	take(whom: string): Promise<void>;
}

interface Letter {
	readonly from: string;
	readonly link: string;
	/** Null asks for sound. */
	readonly signal: SimplePeer.SignalData | null;
}

export const installPlain = (): void => {
	const { SimplePeer, tap } = window as unknown as {
		SimplePeer: new (options: SimplePeer.Options) => SimplePeer.Instance;
		tap: Tap;
	};
	const peers = new Map<string, SimplePeer.Instance>();
	let me = '';
	let sound: MediaStream | null = null;

	const send = (to: string, link: string, signal: Letter['signal']): void => {
		const letter: Letter = { from: me, link, signal };
		void fetch(`/to/${to}`, { method: 'POST', body: JSON.stringify(letter) });
	};
	const make = (to: string, link: string, initiator: boolean): SimplePeer.Instance => {
		const stream = initiator && sound ? { stream: sound } : {};
		const peer = new SimplePeer({ initiator, config: { iceServers: [] }, ...stream });
		peers.set(link, peer);
		peer.on('signal', (signal) => {
			send(to, link, signal);
		});
		peer.on('error', () => undefined);
		peer.on('close', () => peers.delete(link));
		return peer;
	};
	const receive = (letter: Letter): void => {
		if (letter.signal === null) make(letter.from, letter.link, true);
		else peers.get(letter.link)?.signal(letter.signal);
	};
	const ask = (whom: string): Promise<MediaStream> => {
		const link = `${me}-${crypto.randomUUID()}`;
		const peer = make(whom, link, false);
		return new Promise((resolve) => {
			peer.on('stream', resolve);
			send(whom, link, null);
		});
	};

	const plain: Plain = {
		enter(name) {
			me = name;
			const letters = new EventSource(`/of/${name}`);
			letters.onmessage = ({ data }: MessageEvent<string>) => {
				receive(JSON.parse(data) as Letter);
			};
			return new Promise((resolve) => {
				letters.onopen = () => {
					resolve();
				};
			});
		},
		async speak() {
			sound = await navigator.mediaDevices.getUserMedia({
				audio: {
					channelCount: 1,
					echoCancellation: true,
					noiseSuppression: true,
					autoGainControl: true
				}
			});
		},
		async hear(whom) {
			const stream = await ask(whom);
			sound = stream;
			tap.playing = stream.getAudioTracks()[0] ?? null;
			const element = new Audio();
			element.srcObject = stream;
			await element.play();
		},
		async take(whom) {
			await ask(whom);
		}
	};
	Object.assign(window, { plain });
};

declare global {
	interface Window {
		readonly plain: Plain;
	}
}
