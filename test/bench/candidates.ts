/**
 * Which addresses a page's WebRTC finds and is told, and by which it talks. `installCandidates` runs in the page before
 * everything else and must stand by itself.
 */
import type { Page } from 'playwright';

interface Candidates {
	/** Lines of candidates that this page's own connections came up with, for somebody to be told. */
	readonly own: readonly string[];
	/** Lines that it was told by others. */
	readonly told: readonly string[];
	/** Of each connection that stands, the type of the candidate that this end talks from. */
	used(): Promise<readonly string[]>;
}

export interface CandidateTypes {
	readonly own: readonly string[];
	readonly told: readonly string[];
	readonly used: readonly string[];
}

export function installCandidates(): void {
	const own = new Set<string>();
	const told = new Set<string>();
	const connections: RTCPeerConnection[] = [];
	const linesIn = (sdp: string): string[] =>
		[...sdp.matchAll(/^a=(candidate:.*)$/gm)].map(([, line]) => (line ?? '').trim());
	window.RTCPeerConnection = class extends RTCPeerConnection {
		constructor(configuration?: RTCConfiguration) {
			super(configuration);
			connections.push(this);
			this.addEventListener('icecandidate', ({ candidate }) => {
				if (candidate !== null && candidate.candidate !== '') own.add(candidate.candidate);
				for (const line of linesIn(this.localDescription?.sdp ?? '')) own.add(line);
			});
		}
		override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
			const line = candidate?.candidate ?? '';
			if (line !== '') told.add(line);
			return super.addIceCandidate(candidate);
		}
		override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
			for (const line of linesIn(description.sdp ?? '')) told.add(line);
			return super.setRemoteDescription(description);
		}
	};
	const usedBy = async (connection: RTCPeerConnection): Promise<string | null> => {
		const stats = new Map<string, RTCStats>();
		(await connection.getStats()).forEach((one: RTCStats) => stats.set(one.id, one));
		const transport = [...stats.values()].find(({ type }) => type === 'transport');
		const { selectedCandidatePairId = '' } = (transport ?? {}) as Partial<RTCTransportStats>;
		const pair = stats.get(selectedCandidatePairId) as RTCIceCandidatePairStats | undefined;
		const local = stats.get(pair?.localCandidateId ?? '') as { candidateType?: string } | undefined;
		return local?.candidateType ?? null;
	};
	const candidates = {
		get own() {
			return [...own];
		},
		get told() {
			return [...told];
		},
		async used() {
			const standing = connections.filter((one) => one.connectionState === 'connected');
			return (await Promise.all(standing.map(usedBy))).filter((one) => one !== null);
		}
	} satisfies Candidates;
	Object.assign(window, { candidates });
}

/** Up to now: `host`, `srflx`, `prflx` or `relay`, with `+ own address` where one goes along with it. */
export async function candidatesOf(page: Page): Promise<CandidateTypes> {
	const { own, told, used } = await page.evaluate(async () => {
		const { candidates } = window as unknown as { candidates: Candidates };
		return { own: candidates.own, told: candidates.told, used: await candidates.used() };
	});
	return { own: own.map(typeOf), told: told.map(typeOf), used };
}

/** A relay's address may be said with the one behind it (RFC 8839, section 5.1); browsers blot it out. */
function typeOf(line: string): string {
	const type = / typ (\w+)/.exec(line)?.[1] ?? 'none';
	const behind = / raddr (\S+)/.exec(line)?.[1] ?? '0.0.0.0';
	return type === 'relay' && !/^(0\.0\.0\.0|::)$/.test(behind) ? 'relay + own address' : type;
}
