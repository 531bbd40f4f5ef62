/** A speaker's output with somebody talking into it: real encoder, real worklet, a line with chosen faults. */
import { openSpeaker, type Speaker } from '#lib/io/audio/speaker.ts';
import type { PlayoutInput, PlayoutReport, StreamReport } from '#lib/p2p/playout/messages.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';
import type { ListenOrder, OutputHeard } from '#lib/io/audio/worklet-names.ts';
import { openRecorder } from './recorder.ts';
import type { VoiceAnswer, VoiceOrder } from './voice.worker.ts';

export interface Line {
	readonly lost?: readonly number[];
	readonly lateMs?: readonly number[];
}

export interface VoiceSetup {
	readonly speaker: Speaker;
	/** Says it in real time; resolves with the bytes it took when the last frame is sent. */
	say(stream: string, samples: Float32Array, line?: Line): Promise<number>;
	/** The same in stereo, as music: left, and right behind it. */
	play(stream: string, left: Float32Array, right: Float32Array, line?: Line): Promise<number>;
	/** Encodes and plays what a capture port gives. */
	listenTo(port: MessagePort, stream: string): void;
	raw(input: PlayoutInput | ListenOrder): void;
	/** The next report for which `wanted` holds. */
	report(wanted?: (report: PlayoutReport) => boolean): Promise<PlayoutReport>;
	/** The next that is told of what was played, for which `wanted` holds. */
	heard(wanted: (heard: OutputHeard) => boolean): Promise<OutputHeard>;
	of(report: PlayoutReport, stream: string): StreamReport;
	/** What the left ear hears in the next `seconds`, and the right. */
	recordEars(seconds: number): Promise<Float32Array[]>;
	/** What is heard in the next `seconds`, with what `others` give beside it. */
	record(seconds: number, others?: AudioNode[]): Promise<Float32Array[]>;
	close(): void;
}

export async function setupVoice(): Promise<VoiceSetup> {
	const outcome = await openSpeaker(() => undefined);
	if (!outcome.ok) throw new Error(outcome.detail);
	const { speaker } = outcome;
	const worker = new Worker(new URL('./voice.worker.ts', import.meta.url), { type: 'module' });
	const order = (message: VoiceOrder, transfer: Transferable[] = []): void => {
		worker.postMessage(message, transfer);
	};
	const answer = (wanted: (answer: VoiceAnswer) => boolean): Promise<VoiceAnswer> =>
		new Promise((resolve) => {
			const look = ({ data }: MessageEvent<VoiceAnswer>): void => {
				if (!wanted(data)) return;
				worker.removeEventListener('message', look);
				resolve(data);
			};
			worker.addEventListener('message', look);
		});
	order({ type: 'playout', port: speaker.port }, [speaker.port]);
	async function say(
		stream: string,
		sound: { readonly samples: Float32Array; readonly right: Float32Array | null },
		{ lost = [], lateMs = [] }: Line = {}
	): Promise<number> {
		const said = answer((a) => a.type === 'said' && a.stream === stream);
		order({ type: 'say', stream, ...sound, lost, lateMs });
		const done = await said;
		return done.type === 'said' ? done.bytes : 0;
	}
	return {
		speaker,
		say: (stream, samples, line) => say(stream, { samples, right: null }, line),
		play: (stream, left, right, line) => say(stream, { samples: left, right }, line),
		async recordEars(seconds) {
			const { context, node } = speaker;
			const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
			const ears = [0, 1].map((channel) => {
				const ear = new GainNode(context);
				splitter.connect(ear, channel);
				return ear;
			});
			node.connect(splitter);
			return (await openRecorder(context, ears)).record(seconds);
		},
		listenTo(port, stream) {
			order({ type: 'microphone', port, stream }, [port]);
		},
		raw(input) {
			order({ type: 'raw', input });
		},
		report: (wanted = () => true) =>
			answer((a) => a.type === 'report' && wanted(a)) as Promise<PlayoutReport>,
		heard: (wanted) => answer((a) => a.type === 'heard' && wanted(a)) as Promise<OutputHeard>,
		of(report, stream) {
			const found = report.streams[stream as StreamId];
			if (!found) throw new Error(`No report of ${stream}.`);
			return found;
		},
		async record(seconds, others = []) {
			const recorder = await openRecorder(speaker.context, [speaker.node, ...others]);
			return recorder.record(seconds);
		},
		close() {
			worker.terminate();
			speaker.close();
		}
	};
}
