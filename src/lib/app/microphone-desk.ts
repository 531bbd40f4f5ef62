/**
 * The microphone as the room needs it: asked for at the first "Unmute", kept open while on stage, given back after.
 * Where it goes away in mid-sentence another takes its place.
 */
import { openMicrophone, type Microphone, type MicrophoneWish } from '#lib/io/audio/microphone.ts';
import type { MicrophoneProblem } from './session.ts';

/** So many microphones may go away one after the other before we stop looking for the next: a loose plug comes and goes. */
export const REPLACED_MAX = 3;
/** Over this time. */
const REPLACED_WITHIN_MS = 20_000;

/** True once frames flow, or the problem to show; null where it was given back before that. */
export type Opened = true | MicrophoneProblem | null;

export interface MicrophoneDesk {
	/** A second call while the first waits joins it. */
	open(): Promise<Opened>;
	/**
	 * The person has chosen otherwise: what is open is opened anew, and stays as it is where that fails. Joins an opening that
	 * goes on, which ends with what was chosen last.
	 */
	renew(): Promise<Opened>;
	/** Whether what it hears may leave the device. */
	setOpen(open: boolean): void;
	close(): void;
}

export interface MicrophoneDeskOptions {
	readonly context: () => AudioContext | null;
	readonly wish: () => MicrophoneWish;
	readonly nowMs: () => number;
	/** Frames for the engine. */
	readonly onPort: (port: MessagePort) => void;
	/** Another microphone hears instead of the one that was chosen, or that went away; by its name, which may be empty. */
	readonly onInstead: (label: string) => void;
	/** It went away, and there is no other. */
	readonly onTakenAway: () => void;
	/** For tests, which have no devices. */
	readonly openMicrophone?: typeof openMicrophone;
}

interface Desk {
	readonly options: MicrophoneDeskOptions;
	microphone: Microphone | null;
	opening: Promise<Opened> | null;
	/** Somebody joined that opening, perhaps for another microphone. */
	joined: boolean;
	/** Grows whenever it is given back: what is opened for an earlier one is not wanted any more. */
	era: number;
	heard: boolean;
	/** When microphones went away. */
	lostMs: number[];
}

export function createMicrophoneDesk(options: MicrophoneDeskOptions): MicrophoneDesk {
	const desk: Desk = {
		options,
		microphone: null,
		opening: null,
		joined: false,
		era: 0,
		heard: false,
		lostMs: []
	};
	return {
		open: () => (desk.microphone === null ? inTurn(desk, options.wish()) : Promise.resolve(true)),
		renew: () =>
			desk.microphone === null && desk.opening === null
				? Promise.resolve(true)
				: inTurn(desk, options.wish()),
		setOpen(open) {
			desk.heard = open;
			desk.microphone?.setMuted(!open);
		},
		close: () => close(desk)
	};
}

function inTurn(desk: Desk, wish: MicrophoneWish): Promise<Opened> {
	desk.joined = desk.opening !== null;
	desk.opening ??= openLast(desk, wish).finally(() => {
		desk.opening = null;
	});
	return desk.opening;
}

/** `first`, and after it whatever was chosen, or asked for on coming back on stage, while that was being opened. */
async function openLast(desk: Desk, first: MicrophoneWish): Promise<Opened> {
	const chosen = (): string => JSON.stringify([desk.options.wish(), desk.era]);
	for (let wish = first; ; wish = desk.options.wish()) {
		const before = chosen();
		const outcome = await openFor(desk, wish);
		if (!desk.joined || chosen() === before) return outcome;
		desk.joined = false;
	}
}

/** The one that is wished; where it is not there, the one that the system has chosen. */
async function openFor(desk: Desk, wish: MicrophoneWish): Promise<Opened> {
	const first = await openOne(desk, wish);
	if (first !== 'missing' || wish.deviceId === null) return first;
	const second = await openOne(desk, { ...wish, deviceId: null });
	if (second === true) desk.options.onInstead(desk.microphone?.label ?? '');
	return second;
}

async function openOne(desk: Desk, wish: MicrophoneWish): Promise<Opened> {
	const { context: contextNow, onPort, openMicrophone: openIt = openMicrophone } = desk.options;
	const context = contextNow();
	if (context === null || typeof AudioEncoder === 'undefined') return 'unsupported';
	const { era } = desk;
	let opened: Microphone | null = null;
	const outcome = await openIt(context, wish, () => {
		if (opened !== null && desk.microphone === opened) replace(desk);
	});
	if (era !== desk.era) {
		// Left the stage while the browser was asking.
		if (outcome.ok) outcome.microphone.close();
		return null;
	}
	if (!outcome.ok) return outcome.reason;
	const before = desk.microphone;
	desk.microphone = opened = outcome.microphone;
	desk.microphone.setMuted(!desk.heard);
	onPort(desk.microphone.port);
	before?.close();
	return true;
}

/** Whoever is speaking goes on speaking, into what the system takes next. */
function replace(desk: Desk): void {
	const { options, era } = desk;
	const nowMs = options.nowMs();
	desk.lostMs = [...desk.lostMs, nowMs].filter((atMs) => nowMs - atMs < REPLACED_WITHIN_MS);
	desk.microphone?.close();
	desk.microphone = null;
	const giveUp = (): void => {
		if (era !== desk.era) return;
		close(desk);
		options.onTakenAway();
	};
	if (desk.lostMs.length > REPLACED_MAX) return giveUp();
	inTurn(desk, { ...options.wish(), deviceId: null }).then((outcome) => {
		if (era !== desk.era) return;
		if (outcome === true) options.onInstead(desk.microphone?.label ?? '');
		else if (outcome === 'taken-away') replace(desk);
		else giveUp();
	}, giveUp);
}

function close(desk: Desk): void {
	desk.era++;
	desk.joined = false;
	desk.heard = false;
	desk.microphone?.close();
	desk.microphone = null;
}
