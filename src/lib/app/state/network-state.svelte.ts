/** The network around us while somebody looks at it, reactive, once a second. */
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';
import type { Session } from '#lib/app/session.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import { networkFacts, type NetworkFacts, type Sample } from './network-facts.ts';

/** Reports come five times a second; figures that change so often cannot be read. */
const SAMPLE_INTERVAL_MS = 1_000;
/** Rates are of the last three seconds, shares of the last ten: one sample a second, and now. */
const RATE_SAMPLES = 3;
const SAMPLES_MAX = 11;

export class NetworkState {
	readonly #view: () => RoomView;
	readonly #nowMs: () => number;
	readonly #stop: () => void;
	/** The oldest first. */
	#samples: readonly Sample[] = [];
	#facts = $state.raw<NetworkFacts | null>(null);

	/** `nowMs` counts from anywhere. */
	constructor(
		session: Session,
		view: () => RoomView,
		nowMs: () => number = () => performance.now()
	) {
		this.#view = view;
		this.#nowMs = nowMs;
		this.#stop = session.watchNetwork((report) => {
			this.#take(report);
		});
	}

	/** Null before the first report. */
	get facts(): NetworkFacts | null {
		return this.#facts;
	}

	/** Stops looking. */
	close(): void {
		this.#stop();
	}

	#take(report: EngineDiagnostics): void {
		const atMs = this.#nowMs();
		const last = this.#samples.at(-1);
		if (last !== undefined && atMs - last.atMs < SAMPLE_INTERVAL_MS) return;
		const now = { report, atMs };
		this.#samples = [...this.#samples, now].slice(-SAMPLES_MAX);
		this.#facts = networkFacts({
			view: this.#view(),
			now,
			earlier: this.#samples[0] ?? now,
			recent: this.#samples.at(-1 - RATE_SAMPLES) ?? this.#samples[0] ?? now
		});
	}
}
