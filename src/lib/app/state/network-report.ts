/** The part of the engine's diagnostics that the network panel reads. */
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';
import type { SpeakerDiagnostics } from '#lib/p2p/peer/diagnostics.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

export type Blame = EngineDiagnostics['blamed'][number];
export type BlameReason = Blame['reason'];

export interface LinkReport {
	readonly peer: PeerId;
	readonly relation: readonly string[];
	readonly open: boolean;
	readonly rttMs: number | null;
	/** Of the packets that we send there, 0..1; null where too few went. */
	readonly lossShare?: number | null;
}

/** Frames that were missing: all, those that came after all, those given up, and those we gave to others. */
export interface RepairReport {
	readonly gaps: number;
	readonly repaired: number;
	readonly lost: number;
	readonly framesServed: number;
}

export type SpeakerReport = Pick<
	SpeakerDiagnostics,
	'peer' | 'name' | 'stream' | 'muted' | 'played' | 'concealed' | 'mouthToEarMs'
>;

type Told = 'me' | 'role' | 'parent' | 'children' | 'mesh' | 'path' | 'bytes' | 'blamed' | 'proofs';

export interface NetworkReport extends Pick<EngineDiagnostics, Told> {
	readonly links: readonly LinkReport[];
	readonly speakers: readonly SpeakerReport[];
	/** Counts by reason. */
	readonly drops: Partial<EngineDiagnostics['drops']>;
	readonly engine: { readonly unsent: number; readonly errors: readonly string[] };
	readonly repair?: RepairReport;
}
