/** A report in the making: what goes into it, the reporter's words, and the file in the end. */
import type { ReportPreview, ReportedVoice } from '#lib/app/engine/messages.ts';
import type { ReportDraft } from '#lib/app/session.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { REPORT_WORDS_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { shortText } from './short-text.ts';

export type ReportProblem =
	/** Words are what the signatures cannot say. */
	| 'empty'
	| 'too-long'
	/** There is no room any more to report from. */
	| 'failed';

export class ReportForm {
	words = $state('');
	/** What others said goes into it as well. */
	everybody = $state(false);
	#draft = $state.raw<ReportDraft | null>(null);
	#problem = $state.raw<ReportProblem | null>(null);
	#saved = $state.raw(false);
	#closed = false;
	readonly #save: (file: Uint8Array, name: string) => void;

	readonly preview: ReportPreview | null = $derived(this.#draft?.preview ?? null);
	/** Whose voice goes into it as things are chosen now. */
	readonly voices: readonly ReportedVoice[] = $derived(
		(this.preview?.voices ?? []).filter(
			({ peer }) => this.everybody || peer === this.preview?.about
		)
	);

	/** `begin` asks for what there is; `save` gives the file to the person. */
	constructor(
		begin: (about: PeerId) => Promise<ReportDraft>,
		about: PeerId,
		save: (file: Uint8Array, name: string) => void
	) {
		this.#save = save;
		begin(about).then(
			(draft) => {
				if (this.#closed) draft.close();
				else this.#draft = draft;
			},
			() => {
				this.#problem = 'failed';
			}
		);
	}

	get problem(): ReportProblem | null {
		return this.#problem;
	}

	get saved(): boolean {
		return this.#saved;
	}

	edited(): void {
		this.#problem = null;
		this.#saved = false;
	}

	async submit(): Promise<void> {
		const draft = this.#draft;
		if (draft === null) return;
		const words = shortText(this.words, REPORT_WORDS_BYTES_MAX);
		this.#problem = words.ok ? null : words.problem;
		if (!words.ok) return;
		try {
			this.#save(await draft.sign(words.text, this.everybody), fileName(draft.preview.atMs));
			this.#saved = true;
		} catch {
			this.#problem = 'failed';
		}
	}

	/** Lets go of what was held for it. */
	close(): void {
		this.#closed = true;
		this.#draft?.close();
	}
}

/** Sorts by time, and says what it is. */
function fileName(atMs: number): string {
	const [day = '', time = ''] = new Date(atMs).toISOString().split('T');
	return `grapevine-report-${day}-${time.slice(0, 8).replaceAll(':', '')}.gvreport`;
}
