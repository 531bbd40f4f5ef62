/** Whether a disk refused something because there is no room for it; adapters and browsers say so in several ways. */
export const isDiskFull = (why: unknown): boolean =>
	why instanceof Error && /space|quota|capacity/i.test(`${why.name} ${why.message}`);
