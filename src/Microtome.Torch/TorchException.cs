namespace Microtome.Torch;

/// <summary>libtorch refused a call. The message is libtorch's, followed by the operator and the shapes of its operands.</summary>
public sealed class TorchException(string message) : Exception(message);
