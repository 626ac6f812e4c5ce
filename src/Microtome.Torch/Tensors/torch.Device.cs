namespace Microtome.Torch;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);
    public static readonly Device CUDA = new(DeviceType.CUDA);

    public static Device device(string description) => new(description);
    public static Device device(DeviceType type, int index = -1) => new(type, index);

    /// <summary>Where a tensor lives: "cpu", "cuda" or "cuda:1".</summary>
    public sealed class Device : IEquatable<Device>
    {
        public DeviceType type { get; }

        /// <summary>Number of the device, -1 for the current one.</summary>
        public int index { get; }

        public Device(DeviceType type, int index = -1)
        {
            this.type = type;
            this.index = index;
        }

        public Device(string description)
        {
            var parts = description.Split(':');
            type = parts[0].ToUpperInvariant() switch
            {
                "CPU" => DeviceType.CPU,
                "CUDA" => DeviceType.CUDA,
                "META" => DeviceType.META,
                _ => throw new ArgumentException($"Unknown device '{description}': write cpu, cuda or cuda:<number>."),
            };
            index = -1;
            if (parts.Length > 2 || (parts.Length == 2 && (!int.TryParse(parts[1], out var number) || (index = number) < 0)))
                throw new ArgumentException($"Unknown device '{description}': write cpu, cuda or cuda:<number>.");
        }

        internal int Code => ((int)type * 256) + index + 1;
        internal static Device FromCode(int code) => new((DeviceType)(code / 256), (code % 256) - 1);

        public static implicit operator Device(string description) => new(description);
        public bool Equals(Device? other) => other is not null && other.type == type && other.index == index;
        public override bool Equals(object? obj) => Equals(obj as Device);
        public override int GetHashCode() => Code;
        public override string ToString() => type.ToString().ToLowerInvariant() + (index >= 0 ? $":{index}" : "");
    }
}
