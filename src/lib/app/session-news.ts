/** What the engine says of itself while a session runs: kept for the screen, and what follows from it. */
import type { EngineDiagnostics, EngineStatusNews } from './engine/messages.ts';
import { uplinkSample } from './engine/uplink.ts';
import { changed, putMicrophoneAway, viewOf, type SessionRun } from './session-run.ts';

/** A crash costs a summary no more than this. */
const SUMMARY_KEPT_MS = 15_000;

export function onStatus(run: SessionRun, news: EngineStatusNews): void {
	if (run.over) return;
	const before = run.status?.view;
	const view = news.view ?? before;
	if (view === undefined) return;
	run.status = { ...news, view };
	const wasOnStage = before?.stage.some((seat) => seat.me) === true;
	const isOnStage = view.stage.some((seat) => seat.me);
	run.hasSpoken ||= view.me.role !== 'listener';
	if (wasOnStage && !isOnStage) putMicrophoneAway(run);
	const { captions, settings } = view;
	run.captionDesk.look({ wanted: captions && isOnStage, roomLanguage: settings.language });
	run.captions.take(news.captions);
	countSummary(run, news);
	run.chat.take(news.chat);
	changed(run);
	if (news.left && view.phase !== 'left') leaveWhatIsOver(run);
	if (news.reactions.length === 0) return;
	for (const listener of [...run.reactionListeners]) listener(news.reactions);
}

/** The host alone counts. */
function countSummary(run: SessionRun, { levels, reactions, chat, left }: EngineStatusNews): void {
	const view = run.status?.view;
	if (view?.me.role !== 'host') return;
	const nowMs = run.parts.clock.nowMs();
	run.summary.look({
		view: viewOf(run, view),
		levels: new Map(levels),
		reactions: reactions.reduce((sum, { count }) => sum + count, 0),
		messages: chat.flatMap(({ text, seenAtMs }) => (text === null ? [] : [seenAtMs])),
		nowMs
	});
	if (nowMs - run.summaryKeptMs >= SUMMARY_KEPT_MS || left) keepSummary(run, nowMs);
}

function keepSummary(run: SessionRun, nowMs: number): void {
	const { summary } = run.summary;
	if (summary.moments.length === 0) return;
	run.summaryKeptMs = nowMs;
	run.parts.summaries.put(summary).catch((error: unknown) => {
		console.warn(error);
	});
}

/** Nothing holds us to a room that is over for us: the engine stops, and the network is let go. */
function leaveWhatIsOver(run: SessionRun): void {
	run.over = true;
	run.parts.host.post({ type: 'leave' });
}

export function onDiagnostics(run: SessionRun, next: EngineDiagnostics): void {
	run.diagnostics = next;
	const { timeline } = run.parts;
	run.parts.data.count(run, next.engine.sentBytes, next.bytes.down);
	const { membersFoundMs, attachedMs, firstSoundMs } = next.milestones;
	if (membersFoundMs !== null) timeline.mark('roomFound', membersFoundMs);
	if (attachedMs !== null) timeline.mark('attached', attachedMs);
	if (firstSoundMs !== null) timeline.mark('firstSound', firstSoundMs);
	run.parts.giving.look({ onStage: next.role !== 'listener', uplink: uplinkSample(next) });
	for (const listener of [...run.networkListeners]) listener(next);
}
