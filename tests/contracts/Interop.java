import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The Java side: reads COUNT records of OURS, writes what it saw to FILE, one JSON line a record, and sends an event with the same key to
 * THEIRS for each of them. Arguments: SERVERS OURS THEIRS COUNT FILE.
 */
public class Interop {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    public static void main(String[] arguments) throws Exception {
        String servers = arguments[0];
        List<ConsumerRecord<String, String>> seen = read(servers, arguments[1], Integer.parseInt(arguments[3]));
        try (PrintWriter out = new PrintWriter(arguments[4], StandardCharsets.UTF_8)) {
            for (ConsumerRecord<String, String> record : seen) {
                out.println(MAPPER.writeValueAsString(describe(record)));
            }
        }
        answer(servers, arguments[2], seen);
    }

    private static List<ConsumerRecord<String, String>> read(String servers, String topic, int count) {
        List<ConsumerRecord<String, String>> seen = new ArrayList<>();
        Map<String, Object> settings = Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(topic).forEach(one -> partitions.add(new TopicPartition(topic, one.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (seen.size() < count && System.nanoTime() < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
            }
        }
        return seen;
    }

    private static Map<String, Object> describe(ConsumerRecord<String, String> record) throws Exception {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("partition", record.partition());
        line.put("key", record.key());
        line.put("value", record.value());
        JsonNode event = MAPPER.readTree(record.value());
        line.put("type", event.get("eventType").asText());
        line.put("price", event.get("price").decimalValue().toPlainString());
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        line.put("headers", headers);
        return line;
    }

    /** Events as a writer with Jackson and plain maps makes them: decimal numbers, no field of ours. */
    private static void answer(String servers, String topic, List<ConsumerRecord<String, String>> seen) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", servers, "acks", "all");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (ConsumerRecord<String, String> record : seen) {
                Map<String, Object> metadata = new LinkedHashMap<>();
                metadata.put("eventId", java.util.UUID.randomUUID().toString());
                metadata.put("correlationId", "java-1");
                metadata.put("causationId", null);
                metadata.put("occurredAt", new BigDecimal("1763805600.123456789"));
                metadata.put("sourceService", "order-service");
                metadata.put("version", 1);
                Map<String, Object> event = new LinkedHashMap<>();
                event.put("metadata", metadata);
                event.put("orderId", record.key());
                event.put("userId", null);
                event.put("productId", "P-1001");
                event.put("quantity", 3);
                event.put("price", new BigDecimal("199.99"));
                event.put("eventType", "ORDER_CREATED");
                event.put("version", 1);
                event.put("aggregateId", record.key());
                var made = new ProducerRecord<String, String>(topic, record.key(), MAPPER.writeValueAsString(event));
                made.headers().add("ce_type", "ORDER_CREATED".getBytes(StandardCharsets.UTF_8));
                made.headers().add("written-by", "Java · größer".getBytes(StandardCharsets.UTF_8));
                producer.send(made).get();
            }
        }
    }
}
