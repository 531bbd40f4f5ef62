/** What the app asks of the system around it. As in io/ports.ts: adapters decide nothing. */

/** By the system's own controls of what plays. Null: nothing of ours does. */
export type ShowPlaying = (playing: MediaPlaying | null) => void;

export interface MediaPlaying {
	readonly title: string;
	readonly artist: string;
	readonly app: string;
	/** It goes on, unheard. */
	readonly silent: boolean;
	/** Whether ours is open; null where we have none. */
	readonly microphone: boolean | null;
}

/** What is done there. */
export type MediaDeed = 'play' | 'pause' | 'toggle-microphone' | 'hang-up';

/** Keeps the screen on, where it can. */
export interface ScreenLock {
	hold(on: boolean): void;
	close(): void;
}

/** Says outside the page how many things wait for the person. */
export type ShowWaiting = (count: number) => void;

/** A newer build of the app. */
export interface AppUpdate {
	/** Called once one waits. */
	onReady(listener: () => void): void;
	/** Loads the page anew, with it. */
	take(): Promise<void>;
	/** Asks whether there is one. Rejects without a network. */
	look(): Promise<void>;
}
