/** Captions in the room, reactive: the lines of now, and all that was said since we came. */
import type { Session } from '#lib/app/session.ts';
import type { TranscriptLine } from '#lib/p2p/archive/transcript.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { createCaptionBoard, type CaptionLine } from './caption-board.ts';

/** What has been read is looked for this often, while there is anything. */
const LOOK_EVERY_MS = 250;

export class CaptionsState {
	readonly #session: Session;
	readonly #isQuiet: (peer: PeerId) => boolean;
	readonly #nowMs: () => number;
	readonly #stop: () => void;
	readonly #board = createCaptionBoard();
	#timer: ReturnType<typeof setInterval> | null = null;
	#lines = $state.raw<readonly CaptionLine[]>([]);
	#said = $state.raw<readonly TranscriptLine[]>([]);

	/** `isQuiet` says of whom nothing is to be heard here, and so nothing read; `nowMs` counts from anywhere. */
	constructor(
		session: Session,
		isQuiet: (peer: PeerId) => boolean = () => false,
		nowMs: () => number = () => performance.now()
	) {
		this.#session = session;
		this.#isQuiet = isQuiet;
		this.#nowMs = nowMs;
		this.#said = session.transcript();
		this.#stop = session.watchCaptions((news) => {
			this.#board.take(
				news.filter(({ by }) => !isQuiet(by.peer)),
				this.#nowMs()
			);
			this.#said = this.#session.transcript();
			this.#look();
			this.#timer ??= setInterval(() => {
				this.#look();
			}, LOOK_EVERY_MS);
		});
	}

	/** On the screen now. */
	get lines(): readonly CaptionLine[] {
		return this.#lines;
	}

	/** Everything, without those we do not want to hear. */
	get said(): readonly TranscriptLine[] {
		return this.#said.filter(({ peer }) => !this.#isQuiet(peer));
	}

	close(): void {
		this.#stop();
		this.#rest();
	}

	#look(): void {
		this.#lines = this.#board.look(this.#nowMs());
		if (this.#lines.length === 0) this.#rest();
	}

	#rest(): void {
		if (this.#timer !== null) clearInterval(this.#timer);
		this.#timer = null;
	}
}
