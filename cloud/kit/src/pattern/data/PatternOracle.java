// Asks AWS's reference implementation of EventBridge patterns (event-ruler, Apache-2.0).
//
//   (lib: event-ruler 2.1.0 and what it depends on, from Maven Central)
//   java -cp 'lib/*' PatternOracle.java < cases.jsonl > patterns.jsonl
//
// In:  one JSON object a line: {"id", "about", "pattern": text, "event": text (absent: only check the pattern)}
// Out: the same with either "matches" (true or false) or "refused" (the message, as `Event pattern is not
//      valid. Reason: <refused>` quotes it);
//      without an event "valid". Pattern and event are JSON *texts*, so that 1, 1.0 and 1e0 stay apart.
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.MachineComplexityEvaluator;
import software.amazon.event.ruler.Ruler;

public class PatternOracle {
    public static void main(String[] args) throws Exception {
        ObjectMapper json = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new java.io.PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line; (line = in.readLine()) != null; ) {
            ObjectNode c = (ObjectNode) json.readTree(line);
            String pattern = c.get("pattern").textValue();
            String refused = JsonRuleCompiler.check(pattern, false);
            if (refused != null) {
                c.put("refused", refused);
            } else if (c.has("event")) {
                String event = c.get("event").textValue();
                Machine machine = new Machine();
                machine.addRule("rule", pattern);
                boolean matches = !machine.rulesForJSONEvent(event).isEmpty();
                c.put("matches", matches);
                // The same question to a fresh machine and to the one-shot interface: they may disagree.
                try {
                    boolean alone = Ruler.matchesRule(event, pattern);
                    if (alone != matches) c.put("ruler_matchesRule", alone);
                } catch (Exception e) {
                    c.put("ruler_matchesRule_error", String.valueOf(e.getMessage()));
                }
            } else {
                Machine machine = new Machine();
                machine.addRule("rule", pattern);
                c.put("valid", true);
                c.put("complexity", machine.evaluateComplexity(new MachineComplexityEvaluator(1000)));
            }
            out.println(json.writeValueAsString(c));
        }
        out.flush();
    }
}
