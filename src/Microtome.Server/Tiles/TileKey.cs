namespace Microtome.Server;

/// <summary>What a cached answer is about.</summary>
/// <param name="Source">The file and its state; another state is another source.</param>
/// <param name="Kind">Which of the pyramids, or which measure.</param>
/// <param name="Level">Level or zoom.</param>
/// <param name="X">Column.</param>
/// <param name="Y">Row.</param>
public readonly record struct TileKey(string Source, string Kind, int Level, long X, long Y);
