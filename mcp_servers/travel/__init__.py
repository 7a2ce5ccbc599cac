"""The travel agency's data: places, climate, hotels, flights and cars, and who booked what."""
