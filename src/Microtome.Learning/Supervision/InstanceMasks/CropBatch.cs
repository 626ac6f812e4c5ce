namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>A batch of training crops.</summary>
/// <param name="Count">Crops in the batch, N.</param>
/// <param name="Size">Side of a crop in pixels, S.</param>
/// <param name="Pictures">Shape [N, 3, S, S], 0..1.</param>
/// <param name="Targets">Shape [N, 3, S, S]: foreground, distance, contact, 0..1.</param>
/// <param name="Trust">Shape [N]: weight of the distance and contact losses of each crop.</param>
public sealed record CropBatch(int Count, int Size, float[] Pictures, float[] Targets, float[] Trust);
