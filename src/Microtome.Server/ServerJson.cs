using System.Text.Json.Serialization;

namespace Microtome.Server;

/// <summary>Serialisers made at build time for the answers that come before anything else works.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Failures.Failure))]
internal sealed partial class ServerJson : JsonSerializerContext;
