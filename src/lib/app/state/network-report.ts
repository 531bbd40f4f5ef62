/** The part of the engine's diagnostics that the network panel reads. */
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';
import type { SpeakerDiagnostics } from '#lib/p2p/peer/diagnostics.ts';

export type Blame = EngineDiagnostics['blamed'][number];
export type BlameReason = Blame['reason'];

export type LinkReport = EngineDiagnostics['links'][number];

export type RepairReport = Pick<
	EngineDiagnostics['repair'],
	'gaps' | 'repaired' | 'lost' | 'framesServed'
>;

export type SpeakerReport = Pick<
	SpeakerDiagnostics,
	'peer' | 'name' | 'stream' | 'muted' | 'from' | 'played' | 'concealed' | 'mouthToEarMs'
>;

type Told =
	'me' | 'role' | 'parent' | 'children' | 'mesh' | 'path' | 'bytes' | 'blamed' | 'links' | 'proofs';

export interface NetworkReport extends Pick<EngineDiagnostics, Told> {
	readonly speakers: readonly SpeakerReport[];
	/** Counts by reason. */
	readonly drops: Partial<EngineDiagnostics['drops']>;
	readonly engine: Pick<EngineDiagnostics['engine'], 'unsent' | 'sentBytes' | 'errors'>;
	readonly repair: RepairReport;
}
