/** What a relay helper says of itself, every ten seconds. */
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';

type Told = Pick<
	EngineDiagnostics,
	'depth' | 'children' | 'fanout' | 'listenerCount' | 'speakers' | 'bytes' | 'engine'
>;

/** One line. Counts run since it joined the room; what could not be sent is told only where there was any. */
export function relayReport(now: Told): string {
	const forwarded = now.speakers.reduce((sum, speaker) => sum + speaker.forwarded, 0);
	const { unsent, sentBytes } = now.engine;
	const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;
	return [
		`depth ${now.depth ?? '-'}`,
		`carrying ${now.children.length} of ${now.fanout}`,
		`${now.listenerCount} listening in all`,
		`${forwarded} frames passed on`,
		...(unsent > 0 ? [`${unsent} messages not sent`] : []),
		`${kib(now.bytes.down)} in, ${kib(sentBytes)} out`
	].join(' · ');
}
