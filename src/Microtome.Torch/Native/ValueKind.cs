namespace Microtome.Torch;

/// <summary>enum mt_kind.</summary>
internal enum ValueKind
{
    Default = -1,
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    Ints = 5,
    Doubles = 6,
    Tensors = 7,
    String = 8,
    Device = 9,
    Bools = 10,
    Object = 11,
}
