/** `window.grapevine`: what other people's tools may ask the app. Documented in docs/ARCHITECTURE.md, "Diagnostics". */
import type { RoutedDrops } from '#lib/io/link/conversation.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { EngineDiagnostics } from './engine/messages.ts';
import type { RoomSession } from './room-session.ts';
import type { Timeline, TimelineMs } from './timeline.ts';

export type Diagnostics = {
	readonly me: PeerId;
	readonly timeline: TimelineMs;
	/** False before a room is entered and after it is left; the room's fields are then absent. */
	readonly inRoom: boolean;
	/** Members that gossip reaches without a seed. */
	readonly neighbours: readonly PeerId[];
	/** What came to us over the links of others and was dropped, by reason; null outside a room. */
	readonly introductionDrops: RoutedDrops | null;
} & Partial<EngineDiagnostics>;

export interface WindowGrapevine {
	/** Plain JSON, at most 0.2 s old. */
	diagnostics(): Diagnostics;
	/** The key of the room we are in, else null. */
	readonly roomKey: string | null;
}

interface Sources {
	readonly identity: PeerId;
	readonly session: RoomSession | null;
	readonly timeline: Timeline;
}

export function exposeDiagnostics(sources: () => Sources): void {
	const api: WindowGrapevine = {
		diagnostics() {
			const { identity, session, timeline } = sources();
			const current = session === null || session.left ? null : session;
			const engine = current?.diagnostics() ?? null;
			return {
				...(engine ?? {}),
				me: identity,
				timeline: timeline.times,
				inRoom: engine !== null,
				neighbours: current?.neighbours() ?? [],
				introductionDrops: current?.introductionDrops() ?? null
			};
		},
		get roomKey() {
			const { session } = sources();
			return session === null || session.left ? null : session.roomKey;
		}
	};
	Object.assign(window, { grapevine: api });
}
