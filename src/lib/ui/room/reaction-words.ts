/** How reactions look, and what they are called. */
import type { SpokenReactions } from '#lib/app/state/reaction-board.ts';
import { REACTIONS, type Reaction } from '#lib/p2p/wire/reaction.ts';
import * as m from '#lib/paraglide/messages.js';
import { shownName } from '../words.ts';

const EMOJI: Readonly<Record<Reaction, string>> = {
	applause: '👏',
	heart: '❤️',
	laugh: '😂',
	yes: '👍',
	wow: '😮',
	party: '🎉'
};

/** Empty for a code of a later version. */
export function reactionEmoji(code: number): string {
	const reaction = REACTIONS[code];
	return reaction === undefined ? '' : EMOJI[reaction];
}

export function reactionWords(reaction: Reaction): string {
	switch (reaction) {
		case 'applause':
			return m.reaction_applause();
		case 'heart':
			return m.reaction_heart();
		case 'laugh':
			return m.reaction_laugh();
		case 'yes':
			return m.reaction_yes();
		case 'wow':
			return m.reaction_wow();
		case 'party':
			return m.reaction_party();
	}
}

/** What came since it was last said, in one sentence; empty before the first. */
export function spokenReactions({ tallies, name }: SpokenReactions): string {
	if (tallies.length === 0) return '';
	const each = tallies.flatMap(({ code, count }) => {
		const reaction = REACTIONS[code];
		if (reaction === undefined) return [];
		const what = reactionWords(reaction);
		return [count === 1 ? what : m.reaction_times({ what, count })];
	});
	const what = each.join(', ');
	return name === null
		? m.reaction_said({ what })
		: m.reaction_said_by({ name: shownName(name), what });
}
