// What the clients of the original API do: node axios_client.mjs <base> <image_url1> <image_url2>
// Writes the picture that comes back to the standard output.
import axios from 'axios';

const [base, image_url1, image_url2] = process.argv.slice(2);
const { data } = await axios.post(
  base + '/compare',
  { image_url1, image_url2 },
  { headers: { 'Content-Type': 'application/json' }, responseType: 'blob' },
);
process.stdout.write(data);
