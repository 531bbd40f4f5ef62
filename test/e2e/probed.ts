/** What ffprobe makes of a file, where this machine has it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Probed {
	readonly codec: string;
	readonly durationMs: number;
	readonly title: string;
}

const run = promisify(execFile);

/** Null where there is no ffprobe. Rejects where it complains. */
export async function probed(file: string): Promise<Probed | null> {
	const wish = ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', file];
	try {
		const { stdout, stderr } = await run('ffprobe', wish);
		if (stderr !== '') throw new Error(stderr);
		const { streams, format } = JSON.parse(stdout) as {
			readonly streams: readonly {
				readonly codec_name: string;
				readonly tags?: Readonly<Record<string, string>>;
			}[];
			readonly format: { readonly duration: string };
		};
		const [stream] = streams;
		return {
			codec: stream?.codec_name ?? '',
			durationMs: 1_000 * Number(format.duration),
			title: stream?.tags?.['TITLE'] ?? stream?.tags?.['title'] ?? ''
		};
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw error;
	}
}
