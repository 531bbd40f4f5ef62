/** What a measurement found, as a table a person can read. */
import { median } from '../lib/sound.ts';

export interface Row {
	readonly what: string;
	readonly ours: string;
	/** Empty where there is nothing to compare with. */
	readonly baseline: string;
	/** Empty where the figure is for information. */
	readonly target: string;
	/** Null where there is no target. */
	readonly met: boolean | null;
}

export interface Table {
	readonly title: string;
	/** What the baseline is, and what one should know to read the figures. */
	readonly notes: readonly string[];
	readonly rows: readonly Row[];
}

const HEAD = { what: '', ours: 'ours', baseline: 'baseline', target: 'target', met: 'met' };
const COLUMNS = ['what', 'ours', 'baseline', 'target', 'met'] as const;

export function printTable(table: Table): void {
	const lines = table.rows.map((row) => ({ ...row, met: verdict(row) }));
	const widths = COLUMNS.map((column) =>
		Math.max(...[HEAD, ...lines].map((line) => line[column].length))
	);
	const text = (line: Record<(typeof COLUMNS)[number], string>): string =>
		COLUMNS.map((column, i) => line[column].padEnd(widths[i] ?? 0))
			.join('  ')
			.trimEnd();
	say('', table.title, ...table.notes.map((note) => `  ${note}`), '');
	say(...[HEAD, ...lines].map((line) => `  ${text(line)}`));
}

export function printSummary(tables: readonly Table[]): void {
	const targets = tables.flatMap(({ rows }) => rows).filter((row) => row.met !== null);
	const missed = targets.filter((row) => row.met === false);
	say('', `${targets.length - missed.length} of ${targets.length} targets met.`);
	say(...missed.map((row) => `  not met: ${row.what}: ${row.ours}, target ${row.target}`));
}

export function say(...lines: readonly string[]): void {
	for (const line of lines) process.stdout.write(`${line}\n`);
}

function verdict({ met }: Row): string {
	if (met === null) return '';
	return met ? 'yes' : 'NO';
}

/** The median with the least and the greatest: "62 (58-77) ms". */
export function spread(values: readonly number[], unit: string, digits = 0): string {
	if (values.length === 0) return 'none';
	const show = (value: number): string => value.toFixed(digits);
	const [least, most] = [Math.min(...values), Math.max(...values)];
	return `${show(median(values))} (${show(least)}-${show(most)}) ${unit}`.trimEnd();
}

/** "p50 620, p95 810 ms". */
export function percentiles(values: readonly number[], unit: string): string {
	if (values.length === 0) return 'none';
	return `p50 ${Math.round(quantile(values, 0.5))}, p95 ${Math.round(quantile(values, 0.95))} ${unit}`;
}

export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export function info(what: string, ours: string, baseline = ''): Row {
	return { what, ours, baseline, target: '', met: null };
}
