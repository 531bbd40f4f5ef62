/** What a scenario of the simulated tree is: one story told once for each seed, figures out of it, rows out of those. */

/** One story's figures, each under its name. */
export type Figures = Readonly<Record<string, number>>;

export interface Aim {
	/** Name among the figures. */
	readonly figure: string;
	readonly what: string;
	/** Null where the figure is for information. */
	readonly reach: { readonly atMost: number } | { readonly atLeast: number } | null;
	/** How to write it. */
	readonly as: 'share' | 'ms' | 'ratio' | 'kbit/s' | 'count';
	readonly reference: string;
	/** What is worse where nothing is to be reached; more, if nothing is said. */
	readonly worse?: 'less';
}

export interface Scenario {
	readonly title: string;
	/** Seeds of a full measurement, and of a quick look. */
	readonly seeds: { readonly full: number; readonly short: number };
	/** Threads one story takes; one where nothing is said. */
	readonly threads?: number;
	/** What it takes is what it is about: told anew each time. */
	readonly timed?: true;
	readonly aims: readonly Aim[];
	/** `short` may tell a smaller story. */
	tell(seed: number, short: boolean): Figures;
}
