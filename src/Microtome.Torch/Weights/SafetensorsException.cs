namespace Microtome.Torch;

/// <summary>A safetensors file breaks a rule of its format; the message says which, and where.</summary>
public sealed class SafetensorsException(string message) : Exception(message);
