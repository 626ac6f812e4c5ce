using System.Diagnostics.Metrics;

namespace Microtome.Server;

/// <summary>What the server counts beside what ASP.NET Core and the runtime count; read at <c>/metrics</c>.</summary>
public sealed class ServerMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Microtome.Server";

    private readonly Meter meter = new(MeterName);

    /// <summary>Registers the counters.</summary>
    public ServerMetrics(SlidePool slides)
    {
        Tiles = meter.CreateCounter<long>("microtome.tiles", "{tile}", "Image tiles served, by where they came from: cache, stored, encoded.");
        meter.CreateObservableUpDownCounter("microtome.slides.open", () => slides.Open, "{slide}", "Slides that are open.");
    }

    /// <summary>Image tiles; tag <c>source</c>.</summary>
    public Counter<long> Tiles { get; }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();
}
