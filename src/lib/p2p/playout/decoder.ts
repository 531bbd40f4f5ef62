/** A decoder of one Opus stream. Both ways give one frame of samples, or null where the decoder cannot. */
export interface FrameDecoder {
	/** False while it is still being made: nothing is played yet. */
	readonly ready: boolean;
	decode(opus: Uint8Array): Float32Array | null;
	/**
	 * Of the frame decoded last: by how much left is above what `decode` gave, the mean of left and right, and right below it.
	 * Null or left out where it was mono.
	 */
	readonly side?: Float32Array | null;
	/** What might have stood in place of one lost frame. */
	conceal(): Float32Array | null;
}
