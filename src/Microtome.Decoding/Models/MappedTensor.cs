namespace Microtome.Decoding;

/// <summary>A tensor of a mapped file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its extents.</param>
/// <param name="Data">The first byte; valid until the file is disposed, aligned for its type or not.</param>
/// <param name="Bytes">Bytes, checked against type and shape.</param>
/// <param name="File">The file, for messages.</param>
public sealed record MappedTensor(string Name, TensorType Type, IReadOnlyList<long> Shape, nint Data, long Bytes, string File)
{
    /// <summary>The shape as messages show it.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
