/**
 * What home does without: rooms, their sound, and recordings. Loaded beside the first screen once that stands, so that
 * whoever enters a room waits for nothing; and by then kept by the service worker for when there is no network.
 */
import type { EngineHost } from './engine/engine-host.ts';
import type { Replay, ReplayClip, ReplayParts } from './replay/replay.ts';
import type { RoomSession } from './room-session.ts';
import type { RoomSessionParts } from './session-run.ts';
import type { SoundDesk } from './sound/sound-desk.ts';
import type { SoundTest } from './sound/sound-test.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';

const room = () => import('./room-session.ts');
const engine = () => import('./engine/engine-host.ts');
const replay = () => import('./replay/replay.ts');

/** To be called when the first screen stands. What cannot be loaded now is asked for again when it is needed. */
export function loadAhead(): void {
	for (const load of [engine, room]) load().catch(() => undefined);
}

export async function startHost(): Promise<EngineHost> {
	const { startEngineHost } = await engine();
	return startEngineHost();
}

/** Everything this browser keeps for us; gives what could not be erased. */
export async function eraseEverything(): Promise<string[]> {
	const { eraseAll } = await import('#lib/io/disk/erase-all.ts');
	return eraseAll();
}

/** Rejects where there is no sound output. */
export async function openSoundTest(desk: SoundDesk, host: EngineHost): Promise<SoundTest> {
	const { createSoundTest } = await import('./sound/sound-test.ts');
	if (host.speaker === null) throw new Error('This browser has no sound output for us.');
	return createSoundTest(desk, host.speaker);
}

export async function openSession(parts: RoomSessionParts): Promise<RoomSession> {
	const { openRoomSession } = await room();
	return openRoomSession(parts);
}

/** Nobody is called before the app stands. */
export function ringLater(): void {
	import('#lib/io/system/chime.ts').then(
		({ ring }) => ring(),
		(error: unknown) => console.warn(error)
	);
}

/** Null where there is none of that id. */
export async function openRecording(parts: ReplayParts, id: RecordingId): Promise<Replay | null> {
	const { openReplay } = await replay();
	return openReplay(parts, id);
}

/** Whoever looks at recordings soon listens to one. Gives how to do without. */
export function warmReplay(): () => void {
	const warm = replay().then(({ warmReplayWorker }) => warmReplayWorker());
	return () => {
		warm.then((end) => end()).catch(() => undefined);
	};
}

export async function openClipFile(
	parts: ReplayParts,
	file: Blob,
	shared: RecordingId | null
): Promise<ReplayClip | null> {
	const { openClip } = await replay();
	return openClip(parts, file, shared);
}
