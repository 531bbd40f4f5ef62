/** Sound as a person sets it and tries it out, reactive: devices, the level of the microphone, a tone, oneself. */
import { NO_DEVICES, type SoundDevice, type SoundDevices } from '#lib/io/audio/devices.ts';
import type { MicrophoneProblem } from '../session.ts';
import type { ChosenDevice, SoundChoice } from '../sound/sound-choice.ts';
import type { SoundDesk } from '../sound/sound-desk.ts';
import type { SoundTest } from '../sound/sound-test.ts';

/** What is wrong, as the screen explains it; `failed`: it could not even be tried. */
export type SoundTestProblem = MicrophoneProblem | 'failed';

export class SoundState {
	readonly #sound: SoundDesk;
	readonly #stops: readonly (() => void)[];
	#choice: SoundChoice;
	#devices = $state.raw<SoundDevices>(NO_DEVICES);
	#listening = $state.raw<'no' | 'opening' | 'yes'>('no');
	#problem = $state.raw<SoundTestProblem | null>(null);
	/** How often a microphone was to be opened. */
	#turns = 0;
	#trying = $state.raw<'no' | 'taking' | 'playing'>('no');
	#toning = $state.raw(false);
	#unkept = $state.raw(false);
	/** Opened at the first wish, for it may load something. */
	#test: Promise<SoundTest> | null = null;
	#opened: SoundTest | null = null;
	#closed = false;

	constructor(sound: SoundDesk) {
		this.#sound = sound;
		this.#choice = $state.raw(sound.choice);
		this.#stops = [
			sound.onChange(() => (this.#choice = sound.choice)),
			sound.watchDevices(() => this.#look())
		];
		this.#look();
	}

	get choice(): SoundChoice {
		return this.#choice;
	}

	/** With the chosen one among them, there or not. */
	get microphones(): readonly SoundDevice[] {
		return withChosen(this.#devices.microphones, this.#choice.microphone);
	}

	get speakers(): readonly SoundDevice[] {
		return withChosen(this.#devices.speakers, this.#choice.speaker);
	}

	/** Whether that one is plugged in, as far as we know. */
	isThere(id: string): boolean {
		const { microphones, speakers } = this.#devices;
		return [...microphones, ...speakers].some((device) => device.id === id);
	}

	/** False while the browser keeps the names of devices to itself. */
	get named(): boolean {
		return this.#devices.named;
	}

	get canChooseSpeaker(): boolean {
		return this.#sound.canChooseSpeaker;
	}

	/** Whether the microphone is tried out now. */
	get listening(): 'no' | 'opening' | 'yes' {
		return this.#listening;
	}

	get problem(): SoundTestProblem | null {
		return this.#problem;
	}

	/** Three seconds of ourselves are taken down, or played. */
	get trying(): 'no' | 'taking' | 'playing' {
		return this.#trying;
	}

	get toning(): boolean {
		return this.#toning;
	}

	/** The browser refused to keep what was chosen last: it holds until the page is closed. */
	get unkept(): boolean {
		return this.#unkept;
	}

	/** How loud the microphone is now, 0 to 1. Not reactive: ask for each picture. */
	level(): number {
		return this.#opened?.level() ?? 0;
	}

	/** Where that asks nobody anything, the microphone is tried out from the beginning. */
	async begin(): Promise<void> {
		try {
			if (await (await this.#tester()).mayListen()) await this.listen();
		} catch {
			// Whoever presses the button is told.
		}
	}

	/** Opens the microphone; asks for it where it has to. */
	async listen(): Promise<void> {
		const turn = ++this.#turns;
		this.#listening = 'opening';
		this.#problem = null;
		const outcome = await this.#open(turn).catch(() => 'failed' as const);
		this.#told(turn, outcome === true ? null : outcome);
		// Now their names are known.
		if (outcome === true) this.#look();
	}

	async #open(turn: number): Promise<true | SoundTestProblem> {
		const test = await this.#tester();
		// The dialog was closed while that loaded: nobody would give the microphone back.
		if (this.#closed) return 'taken-away';
		return test.listen(() => this.#told(turn, 'taken-away'));
	}

	/** What came of one that another has taken the place of says nothing of that. */
	#told(turn: number, problem: SoundTestProblem | null): void {
		if (turn !== this.#turns) return;
		this.#listening = problem === null ? 'yes' : 'no';
		this.#problem = problem;
	}

	/** Null: as the system chooses. */
	async chooseMicrophone(id: string | null): Promise<void> {
		await this.#keep({ microphone: deviceIn(this.microphones, id) });
		await this.#again();
	}

	chooseSpeaker(id: string | null): Promise<void> {
		return this.#keep({ speaker: deviceIn(this.speakers, id) });
	}

	async process(processing: boolean): Promise<void> {
		await this.#keep({ processing });
		await this.#again();
	}

	/** Stereo, and nothing done to the sound. */
	async play(music: boolean): Promise<void> {
		await this.#keep({ music });
		await this.#again();
	}

	/** How loud everything is, 0 to 1. */
	turn(volume: number): Promise<void> {
		return this.#keep({ volume });
	}

	/** Voices come from places between left and right. */
	place(placed: boolean): Promise<void> {
		return this.#keep({ placed });
	}

	async tone(): Promise<void> {
		if (this.#toning) return;
		this.#toning = true;
		try {
			await (await this.#tester()).tone();
		} catch {
			this.#problem = 'failed';
		} finally {
			this.#toning = false;
		}
	}

	async hearMyself(): Promise<void> {
		if (this.#trying !== 'no') return;
		if (this.#listening !== 'yes') await this.listen();
		if (this.#listening !== 'yes') return;
		this.#trying = 'taking';
		try {
			await (await this.#tester()).hearMyself(() => (this.#trying = 'playing'));
		} catch {
			// Where the microphone went away meanwhile, that is told.
			if (this.listening === 'yes') this.#problem = 'failed';
		} finally {
			this.#trying = 'no';
		}
	}

	/** Gives the microphone back. */
	close(): void {
		this.#closed = true;
		for (const stop of this.#stops) stop();
		this.#opened?.close();
	}

	async #tester(): Promise<SoundTest> {
		this.#test ??= this.#sound.test();
		try {
			this.#opened = await this.#test;
		} catch (error) {
			this.#test = null;
			throw error;
		}
		if (this.#closed) this.#opened.close();
		return this.#opened;
	}

	/** What was chosen is heard at once. */
	async #again(): Promise<void> {
		if (this.#listening !== 'no') await this.listen();
	}

	async #keep(changes: Partial<SoundChoice>): Promise<void> {
		try {
			await this.#sound.change(changes);
			this.#unkept = false;
		} catch {
			this.#unkept = true;
		}
	}

	#look(): void {
		this.#sound.devices().then(
			(devices) => (this.#devices = devices),
			() => (this.#devices = NO_DEVICES)
		);
	}
}

function withChosen(
	devices: readonly SoundDevice[],
	chosen: ChosenDevice | null
): readonly SoundDevice[] {
	if (chosen === null || devices.some(({ id }) => id === chosen.id)) return devices;
	return [...devices, chosen];
}

const deviceIn = (devices: readonly SoundDevice[], id: string | null): ChosenDevice | null =>
	devices.find((device) => device.id === id) ?? null;
