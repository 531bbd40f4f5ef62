/** A disk that fills up: what is asked beyond its room is refused, as a browser's storage says it, and it does not tell how much is left. */
import type { AppendFile, Disk } from '#lib/io/ports.ts';

/** `room`: how many bytes more there is room for; what is cut off makes room again. */
export function narrow(disk: Disk, room: { bytes: number }): Disk {
	const fileIn = (file: AppendFile): AppendFile => ({
		get size() {
			return file.size;
		},
		async append(bytes) {
			if (bytes.length > room.bytes) {
				// Short of what it calls itself.
				throw Object.assign(new Error('The operation failed.'), { name: 'QuotaExceededError' });
			}
			room.bytes -= bytes.length;
			await file.append(bytes);
		},
		overwrite: (...what) => file.overwrite(...what),
		async cut(to) {
			room.bytes += Math.max(0, file.size - to);
			await file.cut(to);
		},
		flush: () => file.flush(),
		close: () => file.close()
	});
	return {
		...disk,
		open: async (...where) => fileIn(await disk.open(...where)),
		space: () => Promise.resolve({ used: null, left: null })
	};
}
