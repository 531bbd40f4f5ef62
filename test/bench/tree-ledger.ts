/**
 * What stories of the simulated tree came to, kept in `.bench`: the same seed tells the same story for as long as the
 * code is the same, so that twenty seeds can be told over several nights, and a run that was stopped goes on.
 */
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures } from './tree-scenario.ts';
import type { Job } from './tree-worker.ts';

const ROOT = join(import.meta.dirname, '../..');
/** All that a story may depend on. */
const SOURCES = [
	'src/lib/p2p/**/*.ts',
	'test/sim/**/*.ts',
	'test/bench/tree-*.ts',
	'package-lock.json'
];

export interface Ledger {
	/** Null where this was not told yet, or by other code. */
	read(job: Job): Figures | null;
	write(job: Job, figures: Figures): void;
}

export function openLedger(): Ledger {
	const folder = join(ROOT, '.bench', codeHash());
	const fileOf = ({ scenario, seed, short }: Job): string =>
		join(folder, `${scenario}-${short ? 'short-' : ''}${seed}.json`);
	return {
		read(job) {
			try {
				return JSON.parse(readFileSync(fileOf(job), 'utf8'), revive) as Figures;
			} catch {
				return null;
			}
		},
		write(job, figures) {
			mkdirSync(folder, { recursive: true });
			writeFileSync(fileOf(job), JSON.stringify(figures, endless));
		}
	};
}

function codeHash(): string {
	const hash = createHash('sha256');
	for (const file of globSync(SOURCES, { cwd: ROOT }).sort()) {
		hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
	}
	return hash.digest('hex').slice(0, 16);
}

/** JSON has no Infinity, which is what never came. */
const ENDLESS = 'never';
const endless = (_key: string, value: unknown): unknown => (value === Infinity ? ENDLESS : value);
const revive = (_key: string, value: unknown): unknown => (value === ENDLESS ? Infinity : value);
