/** The program behind `npm run verify`, run as people run it. */
import { execFile } from 'node:child_process';

const VERIFY = new URL('../../src/seed/verify.ts', import.meta.url).pathname;

export interface Said {
	readonly code: number;
	readonly text: string;
	/** What it complains of. */
	readonly err: string;
}

/** `words` are its command line. */
export const verify = (...words: readonly string[]): Promise<Said> =>
	new Promise((resolve) => {
		execFile(process.execPath, [VERIFY, ...words], (error, stdout, stderr) => {
			resolve({ code: error === null ? 0 : Number(error.code), text: stdout, err: stderr });
		});
	});
