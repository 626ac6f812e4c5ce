using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microtome.EndToEnd.Tests;

/// <summary>text generate and text serve on a tiny model with random weights and a tokenizer of bytes.</summary>
public class TextGenerationTests
{
    [Fact]
    public void Generate_SameSeedOtherThreads_PrintsTheSameText()
    {
        using var folder = new TemporaryFolder();
        Write(folder["model"]);
        var one = MicrotomeProgram.Run("text", "generate", folder["model"], "--prompt", "Tissue", "--max-tokens", "30", "--temperature", "0.9", "--seed", "3", "--threads", "1", "--json");
        var two = MicrotomeProgram.Run("text", "generate", folder["model"], "--prompt", "Tissue", "--max-tokens", "30", "--temperature", "0.9", "--seed", "3", "--threads", "2", "--json");
        Assert.Equal((0, 0), (one.ExitCode, two.ExitCode));
        var text = (string?)JsonNode.Parse(one.Out)!["texts"]![0]!["text"];
        Assert.NotEqual(string.Empty, text);
        Assert.Equal(text, (string?)JsonNode.Parse(two.Out)!["texts"]![0]!["text"]);
    }

    [Fact]
    public void Generate_NeverLoadsLibtorch()
    {
        using var folder = new TemporaryFolder();
        Write(folder["model"]);
        var outcome = MicrotomeProgram.Shell("LD_DEBUG=files exec \"$MICROTOME\" text generate \"$1\" --prompt a --max-tokens 3", folder["model"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain("libtorch", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "context holds 64", "--prompt", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(2, "--context 65", "--prompt", "a", "--context", "65")]
    [InlineData(2, "top-p", "--prompt", "a", "--top-p", "0")]
    [InlineData(2, "--format 'int4'", "--prompt", "a", "--format", "int4")]
    [InlineData(2, "--prompt")]
    public void Generate_WhatCannotBe_IsSaidInWords(int code, string reason, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        Write(folder["model"]);
        var outcome = MicrotomeProgram.Run(["text", "generate", folder["model"], .. arguments]);
        Assert.Equal(code, outcome.ExitCode);
        Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_ARequest_IsAnsweredAndSigtermEnds()
    {
        using var folder = new TemporaryFolder();
        Write(folder["model"]);
        using var server = MicrotomeProgram.StartProgram("text", "serve", folder["model"], "--urls", "http://127.0.0.1:0");
        var line = await server.StandardOutput.ReadLineAsync();
        Assert.StartsWith("listening on ", line, StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = new Uri(line!["listening on ".Length..]) };
        using var answer = await client.PostAsJsonAsync("/v1/completions", new { prompt = "a", max_tokens = 5, temperature = 0 });
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal("model", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["model"]);
        server.Kill();
        await server.WaitForExitAsync();
    }

    // A Llama of one layer: every weight from a formula, in the layout of safetensors.
    private static void Write(string folder)
    {
        const int Width = 16, Hidden = 24, Vocabulary = 257;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type":"llama","hidden_size":16,"intermediate_size":24,"num_hidden_layers":1,"num_attention_heads":2,"num_key_value_heads":1,"head_dim":8,"vocab_size":257,"max_position_embeddings":64,"tie_word_embeddings":true}""");
        (string Name, int[] Shape)[] tensors =
        [
            ("model.embed_tokens.weight", [Vocabulary, Width]), ("model.norm.weight", [Width]),
            ("model.layers.0.input_layernorm.weight", [Width]), ("model.layers.0.post_attention_layernorm.weight", [Width]),
            ("model.layers.0.self_attn.q_proj.weight", [16, Width]), ("model.layers.0.self_attn.k_proj.weight", [8, Width]), ("model.layers.0.self_attn.v_proj.weight", [8, Width]),
            ("model.layers.0.self_attn.o_proj.weight", [Width, 16]),
            ("model.layers.0.mlp.gate_proj.weight", [Hidden, Width]), ("model.layers.0.mlp.up_proj.weight", [Hidden, Width]), ("model.layers.0.mlp.down_proj.weight", [Width, Hidden]),
        ];
        var header = new JsonObject();
        using var data = new MemoryStream();
        var random = new Random(1);
        foreach (var (name, shape) in tensors)
        {
            var begin = data.Length;
            for (var i = 0; i < shape.Aggregate(1, static (a, b) => a * b); i++)
                data.Write(BitConverter.GetBytes((float)(random.NextDouble() - 0.5)));
            header[name] = new JsonObject { ["dtype"] = "F32", ["shape"] = new JsonArray([.. shape.Select(static s => (JsonNode)s)]), ["data_offsets"] = new JsonArray(begin, data.Length) };
        }

        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data.ToArray()]);
        var tokens = new Dictionary<string, int>();
        var extra = 256;
        for (var value = 0; value < 256; value++)
            tokens[((char)(value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? value : extra++)).ToString()] = value;
        tokens["<|endoftext|>"] = 256;
        File.WriteAllText(Path.Combine(folder, "encoder.json"), JsonSerializer.Serialize(tokens));
        File.WriteAllText(Path.Combine(folder, "vocab.bpe"), "#version: 0.2\n");
    }
}
