/** What is remembered of the host being there. */
export interface HostWatch {
	/** Since when the host was not seen without a break; null while it is. */
	missingSinceMs: number | null;
	away: boolean;
	/** What our parent said last. */
	toldAway: boolean;
}

export const newHostWatch = (): HostWatch => ({
	missingSinceMs: null,
	away: false,
	toldAway: false
});
